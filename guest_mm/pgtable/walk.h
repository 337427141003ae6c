#ifndef FAULTLINE_GUEST_MM_PGTABLE_WALK_H_
#define FAULTLINE_GUEST_MM_PGTABLE_WALK_H_

// WalkSpans: the walk that range operations are made of. Linux writes it out
// as zap_p4d_range() > zap_pud_range() > ... for each operation; here it is
// one template over any geometry.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "guest_mm/pgtable/page_table.h"
#include "guest_mm/pgtable/table_lock.h"

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
  // Level 0: the word that leads to the table, and what it was.
  const uint64_t* parent = nullptr;
  uint64_t parent_word = 0;
  // Set when the table was found to be out of the tree before all was done: the
  // walk then looks again at what is in its place, from the span's start on.
  mutable bool gone = false;

  bool InTree() const { return parent == nullptr || *parent == parent_word; }

  bool huge() const { return first.level > 0; }

  EntryRef operator[](uint64_t i) const {
    return {first.level, first.table, first.word + i,
            first.address + i * entry_bytes};
  }
  GuestRange range() const {
    return GuestRange::At(first.address, count * entry_bytes);
  }
};

// The lock of a span's table, for `fn` of WalkSpans(). If it is not held, the
// table is gone, and the walk knows.
class SpanLock {
 public:
  SpanLock(const PageTable& table,
           const EntrySpan& span) ABSL_NO_THREAD_SAFETY_ANALYSIS
      : lock_(table.LockOf(span.first)) {
    lock_.Acquire();
    held_ = span.InTree();
    if (!held_) {
      span.gone = true;
      lock_.Release();
    }
  }
  ~SpanLock() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (held_) {
      lock_.Release();
    }
  }
  SpanLock(const SpanLock&) = delete;
  SpanLock& operator=(const SpanLock&) = delete;
  explicit operator bool() const { return held_; }

 private:
  Lock& lock_;
  bool held_;
};

namespace internal {

// The entries for `range` in the table of base entries that `parent` leads to.
// Its frame is kept while they are looked at, though it may leave the tree.
inline EntrySpan SpanIn(const PageTable& pt, Pfn table, const uint64_t* parent,
                        GuestRange range) {
  const PagingGeometry& g = pt.arch().geometry();
  const uint64_t bytes = g.EntryBytes(0);
  const GuestAddr start = range.start.AlignDown(bytes);
  EntrySpan span{{0, table, pt.phys().Words(table) + g.Index(0, start), start},
                 (range.end - start + bytes - 1) / bytes,
                 bytes};
  span.parent = parent;
  span.parent_word = *parent;
  return span;
}

template <typename Fn>
bool WalkSpansIn(const PageTable& pt, Pfn table, int level, GuestRange range,
                 Fn& fn) {
  const PagingGeometry& g = pt.arch().geometry();
  uint64_t* const words = pt.phys().Words(table);
  const uint64_t bytes = g.EntryBytes(level);
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
    if (e.is_table() && level > 1) {
      if (!WalkSpansIn(pt, e.pfn(), level - 1, {a, next}, fn)) {
        return false;
      }
    } else if (e.is_table()) {
      const TablePin pin(pt, e.pfn());
      const EntrySpan span = SpanIn(pt, e.pfn(), word, {a, next});
      if (!fn(span)) {
        return false;
      }
      if (span.gone) {
        continue;
      }
    }
    a = next;
  }
  return true;
}

}  // namespace internal

// Calls `fn(const EntrySpan&) -> bool` for the spans of `range` in address
// order, skipping missing tables; false stops, and is returned. Takes no
// locks: `fn` takes the one of span.first.table (SpanLock) and reads the words
// under it. A huge page that `fn` splits is walked again as the table it has
// become, and a table that was gone before `fn` had its lock as what has come
// in its place. Precondition: `range` lies in user space.
template <typename Fn>
bool WalkSpans(const PageTable& pt, GuestRange range, Fn&& fn) {
  return range.empty() ||
         internal::WalkSpansIn(pt, pt.root(), pt.arch().geometry().root(),
                               range, fn);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_WALK_H_
