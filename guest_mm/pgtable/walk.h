#ifndef FAULTLINE_GUEST_MM_PGTABLE_WALK_H_
#define FAULTLINE_GUEST_MM_PGTABLE_WALK_H_

// WalkSpans: the walk that range operations are made of. Linux writes it out
// as zap_p4d_range() > zap_pud_range() > ... for each operation; here it is
// one template over any geometry.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "guest_mm/pgtable/page_table.h"

namespace faultline::mm {

// Neighbouring words of one table. At level 0 some may be none; above it is
// one word that is neither none nor a table (a huge page, say).
struct EntrySpan {
  EntryRef first;
  uint64_t count = 0;
  uint64_t entry_bytes = 0;
  // The walk's range covers all that the entries map: false for a huge page
  // at one of its edges.
  bool whole = true;

  bool huge() const { return first.level > 0; }

  EntryRef operator[](uint64_t i) const {
    return {first.level, first.table, first.word + i,
            first.address + i * entry_bytes};
  }
  GuestRange range() const {
    return GuestRange::At(first.address, count * entry_bytes);
  }
};

namespace internal {

template <typename Fn>
bool WalkSpansIn(const PageTable& pt, Pfn table, int level, GuestRange range,
                 Fn& fn) {
  const PagingGeometry& g = pt.arch().geometry();
  uint64_t* const words = pt.phys().Words(table);
  const uint64_t bytes = g.EntryBytes(level);
  if (level == 0) {
    const GuestAddr start = range.start.AlignDown(bytes);
    const uint64_t first = g.Index(0, start);
    return fn(EntrySpan{{0, table, words + first, start},
                        (range.end - start + bytes - 1) / bytes,
                        bytes});
  }
  for (GuestAddr a = range.start; a < range.end;) {
    const GuestAddr start = a.AlignDown(bytes);
    const GuestAddr next = std::min(start + bytes, range.end);
    uint64_t* const word = words + g.Index(level, a);
    Entry e = *word == 0 ? Entry::None() : pt.arch().Decode(level, *word);
    if (!e.none() && !e.is_table()) {
      const bool whole = a == start && next == start + bytes;
      if (!fn(EntrySpan{{level, table, word, start}, 1, bytes, whole})) {
        return false;
      }
      e = *word == 0 ? Entry::None() : pt.arch().Decode(level, *word);
    }
    if (e.is_table() && !WalkSpansIn(pt, e.pfn(), level - 1, {a, next}, fn)) {
      return false;
    }
    a = next;
  }
  return true;
}

}  // namespace internal

// Calls `fn(const EntrySpan&) -> bool` for the spans of `range` in address
// order, skipping missing tables; false stops, and is returned. Takes no
// locks: `fn` takes the one of span.first.table and reads the words under it.
// A huge page that `fn` splits is walked again as the table it has become.
// Precondition: `range` lies in user space.
template <typename Fn>
bool WalkSpans(const PageTable& pt, GuestRange range, Fn&& fn) {
  return range.empty() ||
         internal::WalkSpansIn(pt, pt.root(), pt.arch().geometry().root(),
                               range, fn);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_WALK_H_
