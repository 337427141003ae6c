#include "plugin/linux/report/page_walk.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::os {
namespace {

using mm::Entry;
using mm::EntryRef;
using mm::GuestAddr;

// A run of entries that one line can describe.
struct Run {
  GuestAddr start;
  uint64_t entries = 0;
  uint64_t entry_bytes = 0;
  int level = 0;
  Entry first;
  uint64_t frames_per_entry = 1;

  GuestAddr end() const { return start + entries * entry_bytes; }
  bool Continues(const EntryRef& ref, const Entry& e) const {
    return ref.level == level && ref.address == end() && e.kind == first.kind &&
           e.flags == first.flags &&
           (first.special()
                ? e.payload == first.payload
                : e.payload == first.payload + entries * frames_per_entry);
  }
};

std::string Line(const mm::AddressSpace& mm, const Run& run) {
  const mm::PagingGeometry& g = mm.page_table().arch().geometry();
  return absl::StrFormat("%012x-%012x %8dK %-4s %s\n", run.start.value(),
                         run.end().value(), run.entries * run.entry_bytes >> 10,
                         g.levels[size_t(run.level)].name,
                         mm::ToString(run.first));
}

}  // namespace

std::string DescribeWalk(const mm::AddressSpace& mm, GuestAddr at) {
  const mm::PageTable& table = mm.page_table();
  const mm::PagingGeometry& g = table.arch().geometry();
  std::string out = "page table:";
  const EntryRef end = table.Walk(at);
  for (int level = g.root(); level >= end.level; --level) {
    const EntryRef ref = level == end.level ? end : table.Find(at, level);
    absl::StrAppendFormat(&out, "%s %s %s", level == g.root() ? "" : " ->",
                          g.levels[size_t(level)].name,
                          mm::ToString(table.Get(ref)));
  }
  return out + "\n";
}

std::string DumpPageTable(const mm::AddressSpace& mm) {
  const mm::PageTable& table = mm.page_table();
  const mm::PagingGeometry& g = table.arch().geometry();
  std::string out = absl::StrFormat(
      "page table of %s, root %s, %d tables\n", table.arch().name(),
      mm::ToString(table.root()), table.tables().value());
  std::optional<Run> run;
  const mm::GuestRange all{GuestAddr(0), table.arch().layout().user_end};
  table.ForEach(all, [&](const EntryRef& ref, const Entry& e) {
    if (run.has_value() && run->Continues(ref, e)) {
      ++run->entries;
      return true;
    }
    if (run.has_value()) {
      out += Line(mm, *run);
    }
    run = Run{ref.address, 1, g.EntryBytes(ref.level),
              ref.level,   e, g.EntryBytes(ref.level) >> g.page_shift.value()};
    return true;
  });
  if (run.has_value()) {
    out += Line(mm, *run);
  }
  return out;
}

}  // namespace faultline::os
