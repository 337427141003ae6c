#include "plugin/report/memory_map.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace faultline::report {
namespace {

using mm::TraceKind;

constexpr int kUnknownLevel = 9;

int LevelOf(std::string_view name) {
  static constexpr std::string_view kNames[] = {"pte", "pmd", "pud", "p4d",
                                                "pgd"};
  const auto* const it = std::find(std::begin(kNames), std::end(kNames), name);
  return it == std::end(kNames) ? kUnknownLevel : int(it - kNames);
}

// What an address space's mappings allow, as far as the trace has told.
class Mappings {
 public:
  void Insert(uint64_t start, uint64_t end, bool is_cow) {
    Remove(start, end);
    by_start_[start] = {end, is_cow};
  }
  // A page that is not writable there waits for its copy.
  bool IsCow(uint64_t address) const {
    const auto it = by_start_.upper_bound(address);
    return it != by_start_.begin() && std::prev(it)->second.end > address &&
           std::prev(it)->second.is_cow;
  }
  void Remove(uint64_t start, uint64_t end) {
    auto it = by_start_.lower_bound(start);
    while (it != by_start_.end() && it->first < end) {
      it = by_start_.erase(it);
    }
  }

 private:
  struct Mapping {
    uint64_t end;
    bool is_cow;
  };
  std::map<uint64_t, Mapping> by_start_;
};

// A span while its rows are still addresses.
struct Piece {
  uint32_t space;
  uint64_t start, end;  // of addresses
  uint32_t from, to;    // of events
  PageState state;
};

class MapMaker {
 public:
  // `known`: what an earlier going through has learnt of address spaces.
  MapMaker(const TraceData& trace, std::vector<MemorySpace> known)
      : trace_(trace),
        known_(std::move(known)),
        page_(trace.header().page_bytes),
        entries_shift_(std::countr_zero(page_ / 8)) {}

  MemoryMap Make() {
    for (uint32_t i = 0; i < trace_.size(); ++i) {
      switch (trace_.kind(i)) {
        case TraceKind::kTable:
          OnEntry(i);
          break;
        case TraceKind::kFault:
          OnFault(i);
          break;
        case TraceKind::kVma:
          OnVma(i);
          break;
        case TraceKind::kAlloc:
          OnFrame(i);
          break;
        default:
          break;
      }
    }
    for (auto& [key, live] : live_) {
      Close(key, live, uint32_t(trace_.size()));
    }
    Arrange();
    return std::move(map_);
  }

 private:
  // (space, level, address) of an entry that is something.
  using Key = std::tuple<uint32_t, int, uint64_t>;
  struct Live {
    PageState state;
    PageState shown;  // kDetached while its table is out of the tree
    uint32_t since;
    uint64_t out_of = 0;  // the table's frame, while it is
  };

  uint64_t EntryBytes(int level) const {
    return page_ << (entries_shift_ * level);
  }
  uint32_t SpaceOf(uint64_t root, uint32_t i) {
    const auto [it, is_new] =
        space_of_root_.emplace(root, uint32_t(map_.spaces.size()));
    if (is_new) {
      const size_t space = map_.spaces.size();
      map_.spaces.push_back({.root = root,
                             .mm = space < known_.size() ? known_[space].mm : 0,
                             .since = i});
    }
    return it->second;
  }

  void Close(const Key& key, const Live& live, uint32_t at) {
    const auto [space, level, address] = key;
    if (live.shown != PageState::kAbsent && live.since < at) {
      pieces_.push_back({space, address, address + EntryBytes(level),
                         live.since, at, live.shown});
    }
  }

  void OnEntry(uint32_t i) {
    const auto root = trace_.Number(i, "root");
    const auto address = trace_.Number(i, "address");
    const auto to = trace_.Field(i, "to");
    const auto from = trace_.Field(i, "from");
    const int level = LevelOf(trace_.Field(i, "level").value_or(""));
    // Entries of a whole terabyte and more lead to tables, as a rule.
    if (!root || !address || !to || !from || level > 2) {
      return;
    }
    const uint32_t space = SpaceOf(*root, i);
    const EntryText now = ParseEntry(*to, level > 0);
    const EntryText before = ParseEntry(*from, level > 0);
    if (before.kind == EntryText::Kind::kTable) {
      TableGoes(space, level, *address, before.pfn, i);
    }
    if (now.kind == EntryText::Kind::kTable) {
      TableComes(space, level, *address, now.pfn, i);
    }
    Put({space, level, *address}, Shade(space, *address, now), i);
    if (now.kind == EntryText::Kind::kPage) {
      last_set_ = {space, *address, now.pfn};
    }
  }

  PageState Shade(uint32_t space, uint64_t address, const EntryText& entry) {
    const auto mappings = mappings_.find(map_.spaces[space].mm);
    const bool is_cow = entry.state == PageState::kReadOnly &&
                        mappings != mappings_.end() &&
                        mappings->second.IsCow(address);
    return is_cow ? PageState::kCow : entry.state;
  }

  void Put(const Key& key, PageState state, uint32_t i) {
    const auto it = live_.find(key);
    if (it != live_.end()) {
      if (it->second.out_of == 0 && it->second.state == state) {
        return;
      }
      Close(key, it->second, i);
      live_.erase(it);
    }
    if (state != PageState::kAbsent) {
      live_[key] = {.state = state, .shown = state, .since = i};
    }
  }

  // The entries of a table that goes out of the tree: they may be put back, be
  // cleared one by one, or be forgotten.
  void TableGoes(uint32_t space, int level, uint64_t address, uint64_t table,
                 uint32_t i) {
    ForEachIn(space, level, address, [&](const Key& key, Live& live) {
      Close(key, live, i);
      live = {.state = live.state,
              .shown = PageState::kDetached,
              .since = i,
              .out_of = table};
    });
  }
  void TableComes(uint32_t space, int level, uint64_t address, uint64_t table,
                  uint32_t i) {
    ForEachIn(space, level, address, [&](const Key& key, Live& live) {
      if (live.out_of == table) {
        Close(key, live, i);
        live = {.state = live.state, .shown = live.state, .since = i};
      }
    });
  }
  template <typename Fn>
  void ForEachIn(uint32_t space, int level, uint64_t address, const Fn& fn) {
    auto it = live_.lower_bound({space, level - 1, address});
    const Key end{space, level - 1, address + EntryBytes(level)};
    for (; it != live_.end() && it->first < end; ++it) {
      fn(it->first, it->second);
    }
  }

  // A fault names its address space by number and the frame it has put there:
  // so it tells whose the table is.
  void OnFault(uint32_t i) {
    const auto mm = trace_.Number(i, "mm");
    const auto address = trace_.Number(i, "address");
    const auto pfn = trace_.Number(i, "pfn");
    if (mm && address && pfn && *pfn != 0 && last_set_.pfn == *pfn &&
        last_set_.address == (*address & ~(page_ - 1))) {
      map_.spaces[last_set_.space].mm = *mm;
    }
  }

  void OnVma(uint32_t i) {
    const auto mm = trace_.Number(i, "mm");
    const auto start = trace_.Number(i, "start");
    const auto end = trace_.Number(i, "end");
    if (!mm || !start || !end) {
      return;
    }
    Mappings& mappings = mappings_[*mm];
    if (trace_.event(i) == "vma.remove") {
      mappings.Remove(*start, *end);
      return;
    }
    const std::string_view flags = trace_.Field(i, "flags").value_or("");
    const bool is_shared = flags.find("sh") != std::string_view::npos;
    const std::string_view prot = trace_.Field(i, "prot").value_or("");
    mappings.Insert(*start, *end,
                    !is_shared && prot.find('w') != std::string_view::npos);
  }

  // Another address space may have its top table where one had its own.
  void OnFrame(uint32_t i) {
    const auto pfn = trace_.Number(i, "pfn");
    if (pfn && trace_.event(i) == "alloc" &&
        trace_.Field(i, "purpose") == "table.root") {
      space_of_root_.erase(*pfn);
    }
  }

  // Rows for the addresses, and the spans by them.
  void Arrange() {
    std::set<std::pair<uint32_t, uint64_t>> rows;
    for (const Piece& p : pieces_) {
      if (p.end - p.start == page_) {
        rows.emplace(p.space, p.start);
      }
    }
    for (const Piece& p : pieces_) {
      const auto it = rows.lower_bound({p.space, p.start});
      if (it == rows.end() || it->first != p.space || it->second >= p.end) {
        rows.emplace(p.space, p.start);
      }
    }
    std::vector<std::pair<uint32_t, uint64_t>> sorted(rows.begin(), rows.end());
    const auto row_of = [&](uint32_t space, uint64_t address) {
      return uint32_t(std::lower_bound(sorted.begin(), sorted.end(),
                                       std::pair(space, address)) -
                      sorted.begin());
    };
    for (const auto& [space, address] : sorted) {
      map_.rows.push_back({space, address});
    }
    for (const Piece& p : pieces_) {
      map_.spans.push_back({row_of(p.space, p.start),
                            row_of(p.space, p.end) - 1, p.from, p.to, p.state});
    }
    std::stable_sort(
        map_.spans.begin(), map_.spans.end(),
        [](const PageSpan& a, const PageSpan& b) { return a.start < b.start; });
  }

  const TraceData& trace_;
  const std::vector<MemorySpace> known_;
  const uint64_t page_;
  const int entries_shift_;
  MemoryMap map_;
  std::map<uint64_t, uint32_t> space_of_root_;
  std::map<uint64_t, Mappings> mappings_;  // by mm
  std::map<Key, Live> live_;
  std::vector<Piece> pieces_;
  struct {
    uint32_t space;
    uint64_t address, pfn;
  } last_set_{};
};

}  // namespace

MemoryMap MakeMemoryMap(const TraceData& trace) {
  // Whose a table is comes out with its first fault; it was there before.
  return MapMaker(trace, MapMaker(trace, {}).Make().spaces).Make();
}

}  // namespace faultline::report
