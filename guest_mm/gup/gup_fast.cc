// GUP without locks. Linux: mm/gup.c gup_fast_fallback(), gup_fast(),
// gup_fast_pte_range().
//
// Linux keeps the tables alive by disabling interrupts, which others' TLB
// flushes wait for. Here they may go at any point, so none is looked at again
// after a point: the walk starts anew.

#include "guest_mm/gup/follow_page.h"
#include "guest_mm/gup/gup.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

class FastGetter {
 public:
  FastGetter(AddressSpace& mm, const GupFlags& flags)
      : mm_(mm), phys_(mm.system().phys()), flags_(flags) {}

  // Pages from `a` on until one is not there as wanted.
  void Run(GuestAddr a, uint64_t n, std::vector<Pfn>* pages) {
    const bool pin = flags_.grab == Grab::kPin;
    const uint64_t seq = mm_.write_protect_seq;
    if (pin && seq % 2 != 0) {
      return;
    }
    Scheduler::PointIfActive(kGupFastPoint);
    const size_t before = pages->size();
    for (Pfn page; n > 0 && One(a, &page); --n) {
      pages->push_back(page);
      a += mm_.page_shift().bytes();
    }
    Scheduler::PointIfActive(kGupFastDonePoint);
    // A fork that did not see our pins may have shared what they pin.
    if (pin && mm_.write_protect_seq != seq) {
      for (size_t i = before; i < pages->size(); ++i) {
        ReleasePage(mm_.system(), (*pages)[i], flags_.grab);
      }
      pages->resize(before);
    }
  }

 private:
  struct Seen {
    Entry entry;
    Pfn page;
    Pfn marked;  // whose marks count for it
  };

  Seen Look(GuestAddr a) const {
    const EntryRef ref = mm_.page_table().Walk(a);
    const Entry e = mm_.page_table().Get(ref);
    if (!e.present()) {
      return {e, Pfn(), Pfn()};
    }
    const Pfn page = e.pfn() + ((a - ref.address) >> mm_.page_shift().value());
    return {e, page, ref.level > 0 ? e.pfn() : page};
  }

  // pte_access_permitted(), and what has no page behind it to count.
  bool Permitted(const Entry& e) const {
    return e.present() && !e.prot_none() && !e.special() &&
           e.flags.has(EntryFlag::kUser) && (!flags_.write || e.write());
  }

  // gup_fast_folio_allowed(): what needs the mapping to be judged is left to
  // those who have it.
  bool FolioAllowed(const Frame& folio) const {
    return folio.use != FrameUse::kPageCache || !flags_.longterm ||
           !flags_.write;
  }

  // try_grab_folio_fast(): whatever the frame has become meanwhile.
  bool TryGrab(Pfn page) const {
    const Frame& folio = phys_.folio(page);
    return (folio.use == FrameUse::kAnon || folio.use == FrameUse::kPageCache ||
            folio.use == FrameUse::kHugeTlb) &&
           GrabPage(mm_.system(), page, flags_.grab).ok();
  }

  bool One(GuestAddr a, Pfn* page) {
    const Seen seen = Look(a);
    if (!Permitted(seen.entry)) {
      return false;
    }
    Scheduler::PointIfActive(kGupFastSeenPoint);
    if (!TryGrab(seen.page)) {
      return false;
    }
    Scheduler::PointIfActive(kGupFastHeldPoint);
    const Frame& folio = phys_.folio(seen.page);
    const bool good =
        Look(a).entry == seen.entry && FolioAllowed(folio) &&
        (seen.entry.write() ||
         !MustUnshare(folio, phys_.frame(seen.marked), flags_, true));
    if (!good) {
      ReleasePage(mm_.system(), seen.page, flags_.grab);
      return false;
    }
    phys_.folio(seen.page).referenced = true;
    *page = seen.page;
    return true;
  }

  AddressSpace& mm_;
  PhysMem& phys_;
  const GupFlags flags_;
};

}  // namespace

ErrnoOr<uint64_t> GetUserPagesFast(AddressSpace& mm, GuestAddr start,
                                   uint64_t n, const GupFlags& flags,
                                   std::vector<Pfn>* pages) {
  start = start.PageDown(mm.page_shift());
  const uint64_t user_end = mm.system().arch().layout().user_end.value();
  if (start.value() > user_end ||
      n > (user_end - start.value()) >> mm.page_shift().value()) {
    return Errno::kEFAULT;
  }
  mm.has_pinned |= flags.grab == Grab::kPin;
  const size_t before = pages->size();
  FastGetter(mm, flags).Run(start, n, pages);
  const uint64_t got = pages->size() - before;
  if (got == n) {
    return got;
  }
  const ErrnoOr<uint64_t> rest = GetUserPages(
      mm, start + got * mm.page_shift().bytes(), n - got, flags, pages);
  return rest.ok() ? got + *rest
         : got > 0 ? ErrnoOr<uint64_t>(got)
                   : rest.error();
}

}  // namespace faultline::mm
