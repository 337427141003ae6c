#include "guest_mm/reclaim/shrink_folio.h"

#include <optional>

#include "guest_mm/base/check.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/reclaim/folio_referenced.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/rmap/try_to_unmap.h"
#include "guest_mm/thp/split_folio.h"

namespace faultline::mm {
namespace {

class Shrinker {
 public:
  Shrinker(MemoryManager& system, Pfn head)
      : system_(system),
        swap_(system.swap()),
        head_(head),
        folio_(system.phys().frame(head)) {}

  // With the folio's lock held.
  Fate Run(UseCheck check) {
    if (!anon() && folio_.mapping == nullptr && !InSwapCache(folio_)) {
      return Fate::kKeep;  // truncated: who has it still will free it
    }
    if (check == UseCheck::kHeed) {
      if (const std::optional<Fate> used = JudgeUse()) {
        return *used;
      }
    }
    if (folio_.order > 0 && !Split()) {
      return Fate::kActivate;
    }
    if (anon() && folio_.swap_backed && !InSwapCache(folio_)) {
      if (MaybeDmaPinned(folio_)) {
        return Fate::kKeep;
      }
      if (!swap_.AddToSwap(head_)) {
        return Fate::kActivate;
      }
    }
    if (folio_.mapcount > 0 && !Unmap()) {
      GiveUpSlotIfScarce();
      return Fate::kActivate;
    }
    // Nobody can pin it any more; who has, may still write to it.
    const Fate fate = MaybeDmaPinned(folio_) ? Fate::kActivate
                      : anon()               ? FreeAnon()
                                             : FreeFilePage();
    if (fate != Fate::kFreed) {
      GiveUpSlotIfScarce();
    }
    return fate;
  }

  // Each page of a huge folio stays or goes by itself: this one is the
  // caller's, the others take places on the list that the whole had.
  bool Split() {
    LruLists& lru = system_.phys().lru();
    if (folio_.lru == Lru::kNone) {
      lru.Add(head_, InactiveList(folio_.swap_backed));
    }
    const bool split = SplitFolio(system_, head_).ok();
    lru.Remove(head_);
    return split;
  }

 private:
  bool anon() const { return folio_.use == FrameUse::kAnon; }

  // folio_check_references(). Nothing: it may go.
  std::optional<Fate> JudgeUse() {
    const References refs = FolioReferenced(system_, head_);
    if (refs.locked) {
      return Fate::kActivate;
    }
    const bool before = folio_.referenced;
    folio_.referenced = false;
    if (refs.entries == 0) {
      return std::nullopt;
    }
    folio_.referenced = true;
    // Used twice, or by two: active. Code that runs is worth keeping, too.
    if (before || refs.entries > 1 ||
        (refs.executable && !folio_.swap_backed)) {
      return Fate::kActivate;
    }
    return Fate::kKeep;
  }

  bool Unmap() {
    return TryToUnmap(system_, head_, {}, [this](const UnmappedEntry& from) {
      return InItsPlace(from);
    });
  }

  // What comes in the place of an entry: one for the slot of an anonymous page,
  // nothing for one that can be had again without, or was given up.
  std::optional<Entry> InItsPlace(const UnmappedEntry& from) {
    if (!anon()) {
      return Entry::None();
    }
    if (!folio_.swap_backed) {
      const bool droppable = from.vma.has(VmaFlag::kDroppable);
      // Ours and the entries' are all references: nobody is about to write.
      if ((!folio_.dirty || droppable) &&
          folio_.refcount == 1 + FolioMapcount(folio_)) {
        return Entry::None();
      }
      // Written to since: it is wanted again.
      folio_.swap_backed = !droppable;
      return std::nullopt;
    }
    const EntryFlags flags = (from.entry.flags & kKeptInSwap)
                                 .set(EntryFlag::kExclusive, from.exclusive);
    swap_.Dup(folio_.swap_slot);
    return Entry::Swap(folio_.swap_slot, flags);
  }

  // pageout() and __remove_mapping() for what belongs to no file.
  Fate FreeAnon() {
    if (folio_.swap_backed && folio_.dirty) {
      swap_.Write(head_);
    }
    // Somebody may have come for it while it was written. What was dropped may
    // be dirty: no one is left to miss it.
    if (folio_.mapcount > 0 || (folio_.dirty && folio_.swap_backed)) {
      return Fate::kKeep;
    }
    if (InSwapCache(folio_)) {
      if (folio_.refcount != 2) {
        return Fate::kKeep;
      }
      swap_.RemoveFromCache(head_);
      return Fate::kFreed;
    }
    if (folio_.refcount != 1 || folio_.swap_backed) {
      return Fate::kKeep;
    }
    ++system_.reclaim_counters().pglazyfreed;
    return Fate::kFreed;
  }

  Fate FreeFilePage() {
    if (folio_.mapping == nullptr) {  // shmem's, on its way in or out of swap
      return InSwapCache(folio_) ? FreeAnon() : Fate::kKeep;
    }
    Mapping& mapping = *folio_.mapping;
    if (mapping.kind() == Mapping::Kind::kShmem) {
      return mapping.SwapOut(head_) ? FreeAnon() : Fate::kActivate;
    }
    if (!mapping.evictable() || !mapping.WritePage(head_).ok()) {
      return Fate::kActivate;
    }
    return mapping.DropPage(head_) ? Fate::kFreed : Fate::kKeep;
  }

  // What stays in memory need not hold a slot that others could use.
  void GiveUpSlotIfScarce() {
    if (InSwapCache(folio_) && swap_.full()) {
      swap_.FreeSwap(head_);
    }
  }

  MemoryManager& system_;
  SwapArea& swap_;
  const Pfn head_;
  Frame& folio_;
};

}  // namespace

void Isolate(MemoryManager& system, Pfn head) {
  system.phys().Get(head);
  system.phys().lru().Remove(head);
}

Fate ShrinkFolio(MemoryManager& system, Pfn head,
                 UseCheck check) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Frame& folio = system.phys().frame(head);
  if (!folio.lock.TryAcquire()) {
    return Fate::kKeep;
  }
  const Fate fate = Shrinker(system, head).Run(check);
  folio.lock.Release();
  if (fate == Fate::kFreed) {
    system.phys().Put(head);
  }
  return fate;
}

bool SplitIsolated(MemoryManager& system,
                   Pfn head) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Frame& folio = system.phys().frame(head);
  if (!folio.lock.TryAcquire()) {
    return false;
  }
  const bool split = folio.order > 0 && Shrinker(system, head).Split();
  folio.lock.Release();
  return split;
}

void PutBack(MemoryManager& system, Pfn head, Fate fate) {
  PhysMem& phys = system.phys();
  Frame& folio = phys.frame(head);
  const bool listed = folio.lru == Lru::kNone && folio.refcount > 1 &&
                      (folio.use == FrameUse::kAnon ||
                       folio.mapping != nullptr || InSwapCache(folio));
  if (listed) {
    const bool active = fate == Fate::kActivate;
    system.reclaim_counters().pgactivate += active ? 1 : 0;
    phys.lru().Add(head, folio.mlocked ? Lru::kUnevictable
                         : active      ? ActiveList(folio.swap_backed)
                                       : InactiveList(folio.swap_backed));
  }
  system.swap().PutPage(head);
}

Fate ShrinkOrPutBack(MemoryManager& system, Pfn head, UseCheck check) {
  const Fate fate = ShrinkFolio(system, head, check);
  if (fate != Fate::kFreed) {
    PutBack(system, head, fate);
  }
  return fate;
}

}  // namespace faultline::mm
