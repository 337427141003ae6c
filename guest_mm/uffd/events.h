#ifndef FAULTLINE_GUEST_MM_UFFD_EVENTS_H_
#define FAULTLINE_GUEST_MM_UFFD_EVENTS_H_

// What a change of the address space has to do with userfaultfds, in two
// halves: under mmap_lock it is noted and the space counts as changing; once
// the lock is dropped, who made the change waits until the news is read. Each
// is made on the stack of the call, before mmap_lock is taken. Linux:
// fs/userfaultfd.c dup_userfaultfd(), mremap_userfaultfd_prep(),
// userfaultfd_remove(), userfaultfd_unmap_prep() and their completions.

#include <memory>
#include <vector>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/uffd/uffd_context.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// fork: the child's VMAs are watched by a child of the context, or by nobody.
class UffdForkEvents {
 public:
  UffdForkEvents() = default;
  UffdForkEvents(const UffdForkEvents&) = delete;
  UffdForkEvents& operator=(const UffdForkEvents&) = delete;

  // `copy` is the child's, not in `child` yet. kENOMEM.
  ErrnoOr<Done> Dup(AddressSpace& child, Vma& copy);
  // The child exists. Waits for each context's reader.
  void Complete();
  // There is no child (dup_userfaultfd_fail()).
  void Fail();

 private:
  struct Pair {
    std::shared_ptr<UffdContext> original;
    std::shared_ptr<UffdContext> child;
  };
  std::vector<Pair> pairs_;
};

// mremap: the new place is watched as the old one was, or by nobody.
class UffdRemapEvent {
 public:
  UffdRemapEvent() = default;
  UffdRemapEvent(const UffdRemapEvent&) = delete;
  UffdRemapEvent& operator=(const UffdRemapEvent&) = delete;

  // `moved` is where the pages are now.
  void Prepare(Vma& moved);
  void Complete(GuestAddr from, GuestAddr to, uint64_t length);

 private:
  std::shared_ptr<UffdContext> ctx_;
};

// munmap, and what else takes mappings away.
class UffdUnmapEvents {
 public:
  UffdUnmapEvents() = default;
  UffdUnmapEvents(const UffdUnmapEvents&) = delete;
  UffdUnmapEvents& operator=(const UffdUnmapEvents&) = delete;

  // `vma` is one of those that go with `range`.
  void Prepare(const Vma& vma, GuestRange range);
  void Complete();

 private:
  struct Unmapped {
    std::shared_ptr<UffdContext> ctx;
    GuestRange range;
  };
  std::vector<Unmapped> unmapped_;
};

// MADV_DONTNEED, MADV_FREE, MADV_REMOVE: told of before it is done. mmap_lock
// is held for reading; false: it has been given back, and `vma` is stale.
[[nodiscard]] bool UffdRemove(Vma& vma, GuestRange range);

// mremap without its event: what was protected is no more
// (vma_has_uffd_without_event_remap()).
bool UffdForgetsOnMove(const Vma& vma);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_EVENTS_H_
