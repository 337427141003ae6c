#include "plugin/lab/script_claims.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "plugin/lab/embedded_scripts.h"
#include "plugin/script/interpreter.h"

namespace faultline::lab {

absl::string_view ScriptFile(absl::string_view name) {
  for (const EmbeddedScript& s : EmbeddedScripts()) {
    if (s.name == name) {
      return s.source;
    }
  }
  return "";
}

absl::string_view ScriptOf(absl::string_view id) {
  return ScriptFile(absl::StrCat(absl::AsciiStrToLower(id), ".lua"));
}

absl::StatusOr<std::string> ReadScriptFile(const std::string& name) {
  const absl::string_view source = ScriptFile(name);
  if (source.empty()) {
    return absl::NotFoundError(absl::StrCat("no script ", name));
  }
  return std::string(source);
}

Findings RunScript(absl::string_view id, engine::Arch arch) {
  script::ScriptOptions options;
  options.machine.arch = arch;
  options.read = ReadScriptFile;
  Findings findings;
  options.print = [&findings](const std::string& text) {
    findings.notes.push_back(text);
  };
  script::Script script(options);
  const absl::Status ran =
      script.Run(absl::StrCat(absl::AsciiStrToLower(id), ".lua"),
                 std::string(ScriptOf(id)));
  const script::Report& report = script.report();
  findings.columns = report.columns;
  for (const script::Report::Row& row : report.rows) {
    findings.Add(row.cells, row.held);
  }
  findings.notes.insert(findings.notes.end(), report.notes.begin(),
                        report.notes.end());
  if (!ran.ok()) {
    findings.notes.emplace_back(ran.message());
  }
  if (!ran.ok() || report.violated) {
    findings.verdict = Verdict::kViolated;
  } else if (report.undecided && findings.verdict == Verdict::kHeld) {
    findings.verdict = Verdict::kUndecided;
  }
  return findings;
}

}  // namespace faultline::lab
