#include "plugin/cli/merge_command.h"

#include <utility>

#include "plugin/cli/exit_status.h"
#include "plugin/cli/read_file.h"
#include "plugin/inject/sweep_report.h"

namespace faultline::cli {

MergeCommand::MergeCommand(CLI::App& app) {
  command_ = app.add_subcommand("merge", "Put the shards of a sweep together");
  command_->add_option("FILES", paths_, "What `faultline sweep --out` wrote")
      ->required();
  AddReportFlags(*command_, files_);
}

int MergeCommand::Run() const {
  const absl::StatusOr<int> status = Merge();
  return status.ok() ? *status : Complain(status.status());
}

absl::StatusOr<int> MergeCommand::Merge() const {
  inject::SweepRecord all;
  for (const std::string& path : paths_) {
    const auto text = ReadFile(path);
    if (!text.ok()) {
      return text.status();
    }
    auto record = inject::ParseJournal(*text, path);
    if (!record.ok()) {
      return record.status();
    }
    if (path == paths_.front()) {
      all = *std::move(record);
    } else if (absl::Status s = inject::Merge(all, *record, path); !s.ok()) {
      return s;
    }
  }
  return WriteReports(all, files_, inject::Missing(all) != 0);
}

}  // namespace faultline::cli
