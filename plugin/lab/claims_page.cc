#include "plugin/lab/claims_page.h"

#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "plugin/lab/experiment.h"
#include "plugin/lab/script_claims.h"
#include "plugin/script/report.h"

namespace faultline::lab {
namespace {

using engine::Arch;

struct Group {
  char letter;
  const char* title;
};
constexpr Group kGroups[] = {
    {'U', "userfaultfd where page tables go away"},
    {'K', "khugepaged where userfaultfd fills pages"},
    {'P', "copies between kernel and user memory get on"},
    {'W', "write-protection by userfaultfd"},
    {'G', "the generic page fault"},
};

// The comment that a script begins with, without "K3: ".
std::string HeadOf(absl::string_view id) {
  std::string head;
  for (absl::string_view line : absl::StrSplit(ScriptOf(id), '\n')) {
    if (!absl::ConsumePrefix(&line, "--")) {
      break;
    }
    absl::StrAppend(&head, head.empty() ? "" : " ",
                    absl::StripAsciiWhitespace(line));
  }
  absl::string_view text = head;
  absl::ConsumePrefix(&text, absl::StrCat(id, ": "));
  std::string sentence(text);
  // A sentence begins with a capital, but a function's name stays as it is.
  const bool names = sentence.substr(0, sentence.find(' ')).ends_with("()");
  if (!sentence.empty() && !names) {
    sentence[0] = absl::ascii_toupper(sentence[0]);
  }
  return sentence;
}

std::string AboutOf(const Experiment& e) {
  return e.run == nullptr ? HeadOf(e.id) : std::string(e.about);
}

std::string Block(const Findings& findings) {
  return absl::StrCat(
      "```\n", script::RenderTable(findings.columns, findings.rows), "```\n");
}

// What was shown, once where both architectures show the same.
std::string Shown(const Experiment& e) {
  const Findings arm64 = RunExperiment(e, Arch::kArm64);
  const std::string verdict =
      absl::StrCat("\n*", ToString(arm64.verdict), "*, ");
  if (e.needs_tags) {
    return absl::StrCat(Block(arm64), verdict, "on arm64, which has tags\n");
  }
  const Findings x86 = RunExperiment(e, Arch::kX86);
  if (x86.verdict == arm64.verdict && Block(x86) == Block(arm64)) {
    return absl::StrCat(Block(x86), verdict, "alike on both architectures\n");
  }
  return absl::StrCat("x86-64:\n\n", Block(x86), "\n*", ToString(x86.verdict),
                      "*; arm64:\n\n", Block(arm64), "\n*",
                      ToString(arm64.verdict), "*\n");
}

}  // namespace

std::string ClaimsMarkdown() {
  std::string out =
      "# Claims\n\n"
      "What was claimed about Linux's memory management when patches were "
      "discussed, and what comes\nout when it is run. `faultline lab run K3` "
      "runs one, with the steps that led there; `faultline lab\nshow K3` "
      "prints its script, to be changed; [scripts.md](scripts.md) is the "
      "guide. *Held* means that\nthe table is as claimed: a row may well show "
      "a page that is lost, where the claim is that it is.\nNames of rules "
      "(`collapse-uffd`) are those of [behaviours.md](behaviours.md). Made by "
      "`faultline lab\nrun all --markdown`; a test compares the two.\n";
  for (const Group& group : kGroups) {
    absl::StrAppend(&out, "\n## ", std::string(1, group.letter), ": ",
                    group.title, "\n");
    for (const Experiment& e : Experiments()) {
      if (e.id[0] == group.letter) {
        absl::StrAppend(&out, "\n### ", e.id, ": ", e.claim, "\n\n", AboutOf(e),
                        "\n\n", Shown(e));
      }
    }
  }
  return out;
}

}  // namespace faultline::lab
