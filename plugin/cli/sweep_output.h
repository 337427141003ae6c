#ifndef FAULTLINE_PLUGIN_CLI_SWEEP_OUTPUT_H_
#define FAULTLINE_PLUGIN_CLI_SWEEP_OUTPUT_H_

// Where a sweep's results go: its journal, its reports, the terminal.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugin/inject/journal.h"

namespace faultline::cli {

// What the command line names; empty: not wanted.
struct SweepFiles {
  std::string out;    // the journal
  std::string junit;  // a file
  bool ktap = false;  // instead of the table
};
void AddReportFlags(CLI::App& command, SweepFiles& files);

// Prints the table or KTAP, writes the JUnit file. The command's exit status,
// or what is wrong with the host's file.
absl::StatusOr<int> WriteReports(const inject::SweepRecord& record,
                                 const SweepFiles& files, bool partial);

// The journal's file, which it goes on with if there is one.
class JournalFile {
 public:
  JournalFile() = default;
  ~JournalFile();
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;

  // Adds what is in the file to `record`, or begins it. InvalidArgument: it is
  // of another sweep, or no journal. Nothing is done without a path.
  absl::Status Open(const std::string& path, inject::SweepRecord& record);
  // A line, in the file when this returns.
  void Write(const std::string& line);
  // Whether all of it was written.
  absl::Status Close();

 private:
  std::FILE* file_ = nullptr;
  std::string path_;
  int error_ = 0;
};

// How far it is, on a terminal; nothing in a pipe.
class Progress {
 public:
  explicit Progress(uint64_t all);
  ~Progress();
  void Step(bool violation);

 private:
  void Show();
  bool shown_;
  uint64_t all_;
  uint64_t done_ = 0;
  uint64_t violations_ = 0;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_SWEEP_OUTPUT_H_
