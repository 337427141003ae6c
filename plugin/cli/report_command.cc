#include "plugin/cli/report_command.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/read_file.h"
#include "plugin/report/page.h"

namespace faultline::cli {
namespace {

absl::Status WriteAll(const std::string& path, const std::string& text) {
  std::FILE* const file = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
  bool ok = file != nullptr;
  if (ok) {
    ok = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    ok = (file == stdout ? std::fflush(file) : std::fclose(file)) == 0 && ok;
  }
  return ok ? absl::OkStatus()
            : absl::InternalError(absl::StrCat("report: cannot write ", path,
                                               ": ", std::strerror(errno)));
}

}  // namespace

ReportCommand::ReportCommand(CLI::App& app) {
  command_ = app.add_subcommand(
      "report", "Make a page that shows a trace, or two side by side");
  command_
      ->add_option("TRACE", traces_, "Of --trace FILE; of two, where they part")
      ->required()
      ->expected(1, 2);
  command_->add_option("-o,--output", output_, "The page; - is standard output")
      ->required();
}

int ReportCommand::Run() const {
  const absl::Status status = Write();
  return status.ok() ? 0 : Complain(status);
}

absl::Status ReportCommand::Write() const {
  std::vector<report::TraceData> traces;
  for (const std::string& path : traces_) {
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) {
      return text.status();
    }
    absl::StatusOr<report::TraceData> trace = report::ReadTrace(path, *text);
    if (!trace.ok()) {
      return trace.status();
    }
    traces.push_back(*std::move(trace));
  }
  return WriteAll(output_, report::MakePage(std::move(traces)));
}

}  // namespace faultline::cli
