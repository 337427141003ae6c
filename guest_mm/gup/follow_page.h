#ifndef FAULTLINE_GUEST_MM_GUP_FOLLOW_PAGE_H_
#define FAULTLINE_GUEST_MM_GUP_FOLLOW_PAGE_H_

// The rules of GUP: which mappings it may reach into, and when the page that
// an entry leads to is the page wanted. Linux: mm/gup.c check_vma_flags(),
// follow_page_pte(), can_follow_write_pte(); mm/internal.h gup_must_unshare().

#include "guest_mm/gup/gup.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// kEFAULT: not this access to this mapping.
ErrnoOr<Done> CheckVmaFlags(const ArchOps& arch, const Vma& vma,
                            const GupFlags& flags);

// A read-only pin of a page that the next store would copy must have a copy of
// its own first, or it would go on reading what the space reads no more.
// `cow` says whether the mapping is private; what is not known counts as true.
bool MustUnshare(const Frame& folio, const Frame& page, const GupFlags& flags,
                 bool cow);

// The page at `a`, if it is there as `flags` want it: then it is held and
// marked as used. mmap_lock is held; the entry's lock is taken. kENOMEM from
// GrabPage().
enum class Follow : uint8_t {
  kPage,     // `*page` is it
  kFault,    // it has to be faulted in
  kUnshare,  // it has to be made the space's own (-EMLINK)
};
ErrnoOr<Follow> FollowPage(AddressSpace& mm, const Vma& vma, GuestAddr a,
                           const GupFlags& flags, Pfn* page);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_GUP_FOLLOW_PAGE_H_
