#ifndef FAULTLINE_PLUGIN_INJECT_JOURNAL_H_
#define FAULTLINE_PLUGIN_INJECT_JOURNAL_H_

// Journal: a sweep as JSON lines, written as it goes, so that it can be read,
// gone on with and merged. docs/injection.md describes the lines:
//
//   {"sweep":1,...}                      first: what is swept
//   {"inject":"slab:nth=3=fail",...}     an experiment and its end
//   {"token":"flt1+...",...}             how to have one of a class again

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugin/inject/sweep.h"

namespace faultline::inject {

struct SweepHead {
  std::vector<std::string> words;  // of the run, without injections
  std::string cwd;
  std::vector<std::string> rules;
  std::vector<uint64_t> passings;  // of each rule
  RunEnd baseline;
  uint64_t limit_ns = 0;

  // Whether both are of one sweep.
  friend bool operator==(const SweepHead& a, const SweepHead& b);
};

struct SweepRow {
  std::string inject;  // the rule, with its nth
  std::string site;
  End end = End::kSame;
  RunEnd run;
  std::string detail;
};

using TokenKey = std::pair<std::string, End>;  // site and class

struct SweepRecord {
  SweepHead head;
  std::map<std::string, SweepRow> rows;  // by `inject`
  std::map<TokenKey, std::string> tokens;
};

std::string HeadLine(const SweepHead& head);
std::string RowLine(const SweepRow& row);
std::string TokenLine(const TokenKey& key, std::string_view token);

// What `text`, a journal, holds; its last line may be cut short.
// InvalidArgument says which line is wrong; `name` is the file's.
absl::StatusOr<SweepRecord> ParseJournal(std::string_view text,
                                         std::string_view name);

// Adds what `from` has; of what both have, the first is kept. InvalidArgument:
// it is of another sweep.
absl::Status Merge(SweepRecord& into, const SweepRecord& from,
                   std::string_view name);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_JOURNAL_H_
