#ifndef FAULTLINE_GUEST_MM_PHYS_LRU_H_
#define FAULTLINE_GUEST_MM_PHYS_LRU_H_

// LruLists: the pages that reclaim can look at, by age and kind. Linux: struct
// lruvec (include/linux/mmzone.h), mm/swap.c.
//
// A list goes through its frames by number, so it costs nothing but three
// fields of each. Sizes count base pages. Nothing here comes to a schedule
// point: Linux's lru_lock has no window that others could see into.

#include <array>
#include <cstdint>
#include <optional>

#include "guest_mm/base/addr.h"
#include "guest_mm/phys/frame.h"

namespace faultline::mm {

class PhysMem;

class LruLists {
 public:
  explicit LruLists(PhysMem& phys) : phys_(phys) {}
  LruLists(const LruLists&) = delete;
  LruLists& operator=(const LruLists&) = delete;

  // Puts a folio that is on no list at the young end of `list`, by its head.
  void Add(Pfn head, Lru list);
  // Takes it off whichever list it is on; if it is on none, nothing.
  void Remove(Pfn head);
  void Move(Pfn head, Lru list) {
    Remove(head);
    Add(head, list);
  }
  // The folio that has been on `list` longest.
  std::optional<Pfn> Oldest(Lru list) const;

  // Somebody has looked at a page of a file (folio_mark_accessed()): the
  // second time it becomes active.
  void MarkAccessed(Pfn head);

  PageCount size(Lru list) const { return List_(list).pages; }

  // Links and sizes against the frames. Dies if not true.
  void Validate() const;

 private:
  struct List {
    uint32_t young = kNone;
    uint32_t old = kNone;
    PageCount pages;
  };
  static constexpr uint32_t kNone = Frame::kNoLink;

  List& List_(Lru list) { return lists_[size_t(list)]; }
  const List& List_(Lru list) const { return lists_[size_t(list)]; }

  PhysMem& phys_;
  std::array<List, 6> lists_;
};

// The list for a page of this kind: shmem ages with anonymous memory, what
// MADV_FREE gave up goes with files' pages (folio_is_file_lru()).
constexpr Lru InactiveList(bool swap_backed) {
  return swap_backed ? Lru::kInactiveAnon : Lru::kInactiveFile;
}
constexpr Lru ActiveList(bool swap_backed) {
  return swap_backed ? Lru::kActiveAnon : Lru::kActiveFile;
}
constexpr bool IsActive(Lru list) {
  return list == Lru::kActiveAnon || list == Lru::kActiveFile;
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_LRU_H_
