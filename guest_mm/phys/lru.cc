#include "guest_mm/phys/lru.h"

#include "guest_mm/base/check.h"
#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {
namespace {

PageCount PagesOf(const Frame& folio) {
  return PageCount(uint64_t{1} << folio.order);
}

}  // namespace

void LruLists::Add(Pfn head, Lru to) {
  Frame& folio = phys_.frame(head);
  FL_CHECK(folio.lru == Lru::kNone && to != Lru::kNone);
  List& list = List_(to);
  folio.lru = to;
  folio.lru_older = list.young;
  folio.lru_younger = kNone;
  if (list.young == kNone) {
    list.old = uint32_t(head.value());
  } else {
    phys_.frame(Pfn(list.young)).lru_younger = uint32_t(head.value());
  }
  list.young = uint32_t(head.value());
  list.pages += PagesOf(folio);
}

void LruLists::Remove(Pfn head) {
  Frame& folio = phys_.frame(head);
  if (folio.lru == Lru::kNone) {
    return;
  }
  List& list = List_(folio.lru);
  (folio.lru_younger == kNone ? list.young
                              : phys_.frame(Pfn(folio.lru_younger)).lru_older) =
      folio.lru_older;
  (folio.lru_older == kNone ? list.old
                            : phys_.frame(Pfn(folio.lru_older)).lru_younger) =
      folio.lru_younger;
  list.pages -= PagesOf(folio);
  folio.lru = Lru::kNone;
  folio.lru_older = folio.lru_younger = kNone;
}

std::optional<Pfn> LruLists::Oldest(Lru list) const {
  const uint32_t pfn = List_(list).old;
  return pfn == kNone ? std::nullopt : std::optional<Pfn>(Pfn(pfn));
}

void LruLists::MarkAccessed(Pfn head) {
  Frame& folio = phys_.frame(head);
  if (!folio.referenced) {
    folio.referenced = true;
  } else if (folio.lru == InactiveList(folio.swap_backed)) {
    Move(head, ActiveList(folio.swap_backed));
    folio.referenced = false;
  }
}

void LruLists::Validate() const {
  for (size_t i = 1; i < lists_.size(); ++i) {
    PageCount pages;
    uint32_t younger = kNone;
    for (uint32_t at = lists_[i].young; at != kNone;) {
      const Frame& folio = phys_.frame(Pfn(at));
      FL_CHECK(folio.lru == Lru(i) && folio.lru_younger == younger);
      FL_CHECK(folio.use == FrameUse::kAnon ||
               folio.use == FrameUse::kPageCache);
      pages += PagesOf(folio);
      younger = at;
      at = folio.lru_older;
    }
    FL_CHECK(lists_[i].old == younger && lists_[i].pages == pages);
  }
}

}  // namespace faultline::mm
