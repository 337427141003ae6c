#include "plugin/cli/sweep_output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/read_file.h"
#include "plugin/inject/sweep_report.h"

namespace faultline::cli {
namespace {

absl::Status FileTrouble(const std::string& path, int error) {
  return absl::InternalError(absl::StrCat(path, ": ", std::strerror(error)));
}

}  // namespace

void AddReportFlags(CLI::App& command, SweepFiles& files) {
  command.add_option("--junit", files.junit, "Write a JUnit file");
  command.add_flag("--ktap", files.ktap, "Print KTAP instead of a table");
}

absl::StatusOr<int> WriteReports(const inject::SweepRecord& record,
                                 const SweepFiles& files, bool partial) {
  const std::string text =
      files.ktap ? inject::SweepKtap(record) : inject::SweepTable(record);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  if (!files.junit.empty()) {
    std::ofstream junit(files.junit);
    junit << inject::SweepJunit(record);
    junit.close();
    if (!junit) {
      return FileTrouble(files.junit, errno);
    }
  }
  if (inject::Violated(record)) {
    return kExitViolated;
  }
  return partial ? kExitUndecided : kExitHeld;
}

JournalFile::~JournalFile() {
  if (file_ != nullptr) {
    std::fclose(file_);
  }
}

absl::Status JournalFile::Open(const std::string& path,
                               inject::SweepRecord& record) {
  if (path.empty()) {
    return absl::OkStatus();
  }
  path_ = path;
  const auto before = ReadFile(path);
  const bool goes_on = before.ok() && !before->empty();
  if (goes_on) {
    auto old = inject::ParseJournal(*before, path);
    if (!old.ok()) {
      return old.status();
    }
    if (absl::Status s = inject::Merge(record, *old, path); !s.ok()) {
      return s;
    }
  }
  file_ = std::fopen(path.c_str(), "a");
  if (file_ == nullptr) {
    return FileTrouble(path, errno);
  }
  if (goes_on) {
    if (before->back() != '\n') {
      // A line was being written: what there is of it goes.
      const size_t whole = before->rfind('\n') + 1;
      if (ftruncate(fileno(file_), off_t(whole)) != 0) {
        return FileTrouble(path, errno);
      }
    }
  } else {
    Write(inject::HeadLine(record.head));
  }
  return absl::OkStatus();
}

void JournalFile::Write(const std::string& line) {
  if (file_ != nullptr && error_ == 0 &&
      (std::fputs(line.c_str(), file_) < 0 || std::fflush(file_) != 0)) {
    error_ = errno;
  }
}

absl::Status JournalFile::Close() {
  if (file_ != nullptr && std::fclose(std::exchange(file_, nullptr)) != 0 &&
      error_ == 0) {
    error_ = errno;
  }
  return error_ == 0 ? absl::OkStatus() : FileTrouble(path_, error_);
}

Progress::Progress(uint64_t all)
    : shown_(isatty(STDERR_FILENO) != 0), all_(all) {
  Show();
}

Progress::~Progress() {
  if (shown_) {
    std::fputs("\r\033[K", stderr);
  }
}

void Progress::Step(bool violation) {
  ++done_;
  violations_ += violation ? 1 : 0;
  constexpr uint64_t kEach = 16;
  if (done_ % kEach == 0) {
    Show();
  }
}

void Progress::Show() {
  if (shown_) {
    absl::FPrintF(stderr, "\r%d of %d experiments, %d violations ", done_, all_,
                  violations_);
    std::fflush(stderr);
  }
}

}  // namespace faultline::cli
