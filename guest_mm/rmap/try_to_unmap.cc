#include "guest_mm/rmap/try_to_unmap.h"

#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

class Unmapper {
 public:
  Unmapper(MemoryManager& system, Pfn head, UnmapOptions options,
           UnmapTarget target)
      : system_(system), head_(head), options_(options), target_(target) {}

  // try_to_unmap_one().
  bool Visit(Vma& vma, GuestRange range) {
    if (vma.has(VmaFlag::kLocked) && !options_.ignore_mlock) {
      return false;
    }
    const uint64_t pages = uint64_t{1} << system_.phys().frame(head_).order;
    return VisitEntries(vma, range, head_, pages, Seek::kPresent,
                        [&](const EntryRef& r, const Entry& e) {
                          return r.level > 0 ? Split(vma, r, e)
                                             : Unmap(vma, r, e);
                        });
  }

 private:
  bool Split(Vma& vma, const EntryRef& r, const Entry& e) {
    if (options_.split_huge) {
      SplitHugePmdLocked(*vma.mm, vma, r, e);
    }
    return options_.split_huge;
  }

  bool Unmap(Vma& vma, const EntryRef& r, const Entry& e) {
    AddressSpace& mm = *vma.mm;
    PageTable& table = mm.page_table();
    PhysMem& phys = system_.phys();
    Frame& folio = phys.frame(head_);
    Frame& page = phys.frame(e.pfn());
    table.Set(r, Entry::None());
    FlushTlb(mm, GuestRange::At(r.address, system_.page_shift().bytes()));
    folio.dirty |= e.dirty();
    const bool exclusive = page.anon_exclusive;
    // folio_try_share_anon_rmap_pte(): who comes back must find the same page.
    const bool pinned =
        exclusive && MaybeDmaPinned(folio) && !options_.ignore_pins;
    const std::optional<Entry> in_its_place =
        pinned ? std::nullopt
               : target_({vma, r.address, e.pfn(), e, exclusive});
    if (!in_its_place.has_value()) {
      table.Set(r, e);
      return false;
    }
    // pte_install_uffd_wp_if_needed().
    const bool marks =
        in_its_place->none() && !vma.anonymous() && UffdProtects(vma, e);
    table.Set(r, marks ? Entry::Marker(kMarkerUffdWp) : *in_its_place);
    page.anon_exclusive = false;  // the new entry knows
    MunlockVmaFolio(vma, e.pfn());
    RemoveRmap(mm, e.pfn());
    if (in_its_place->kind == EntryKind::kMigration) {
      RssOf(mm, folio) += PageCount(1);
    } else if (in_its_place->kind == EntryKind::kSwap) {
      mm.rss.swap += PageCount(1);
    }
    phys.Put(e.pfn());
    return true;
  }

  MemoryManager& system_;
  const Pfn head_;
  const UnmapOptions options_;
  const UnmapTarget target_;
};

template <typename Lists>
bool UnmapLocked(Lists& lists, MemoryManager& system, Pfn head,
                 UnmapOptions options, UnmapTarget target) {
  Unmapper unmapper(system, head, options, target);
  const Frame& folio = system.phys().frame(head);
  return RmapWalkLocked(lists, SpanOf(folio),
                        [&](Vma& vma, GuestRange range) {
                          return unmapper.Visit(vma, range);
                        }) &&
         FolioMapcount(folio) == 0;
}

}  // namespace

bool TryToUnmap(MemoryManager& system, Pfn head, UnmapOptions options,
                UnmapTarget target) {
  Unmapper unmapper(system, head, options, target);
  return RmapWalk(system.phys(), head,
                  [&](Vma& vma, GuestRange range) {
                    return unmapper.Visit(vma, range);
                  }) &&
         FolioMapcount(system.phys().frame(head)) == 0;
}

bool TryToUnmapLocked(AnonVma& anon_vma, MemoryManager& system, Pfn head,
                      UnmapOptions options, UnmapTarget target) {
  return UnmapLocked(anon_vma, system, head, options, target);
}

bool TryToUnmapLocked(Mapping& mapping, MemoryManager& system, Pfn head,
                      UnmapOptions options, UnmapTarget target) {
  return UnmapLocked(mapping, system, head, options, target);
}

}  // namespace faultline::mm
