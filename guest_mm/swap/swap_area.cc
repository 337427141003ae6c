#include "guest_mm/swap/swap_area.h"

#include <sys/mman.h>

#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "guest_mm/base/check.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {

absl::StatusOr<std::unique_ptr<SwapArea>> SwapArea::Create(PhysMem& phys,
                                                           Slab& slab,
                                                           uint64_t bytes) {
  const PageShift shift = phys.page_shift();
  const uint64_t pages = bytes >> shift.value();
  const PageCount total(pages == 0 ? 0 : pages - 1);
  if (total == PageCount()) {
    return std::unique_ptr<SwapArea>(new SwapArea(phys, nullptr, total, {}));
  }
  if (pages > kNotCached) {
    return absl::ResourceExhaustedError(
        absl::StrFormat("a swap area of %d bytes is too large", bytes));
  }
  ErrnoOr<Slab::Charge> charge = slab.Take(pages * kSlotCost);
  if (!charge.ok()) {
    return absl::ResourceExhaustedError(absl::StrFormat(
        "the machine has too little memory for a swap area of %d bytes",
        bytes));
  }
  void* const map =
      mmap(nullptr, pages << shift.value(), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        absl::StrFormat("no room for a swap area of %d bytes", bytes));
  }
  return std::unique_ptr<SwapArea>(new SwapArea(
      phys, static_cast<std::byte*>(map), total, *std::move(charge)));
}

SwapArea::SwapArea(PhysMem& phys, std::byte* bytes, PageCount total,
                   Slab::Charge charge)
    : phys_(phys),
      bytes_(bytes),
      total_(total),
      free_(total),
      slots_(total.value() + 1),
      freed_(total.value() + 1),
      charge_(std::move(charge)) {}

SwapArea::~SwapArea() {
  if (bytes_ != nullptr) {
    munmap(bytes_, (total_ + PageCount(1)).in_bytes(phys_.page_shift()));
  }
}

std::byte* SwapArea::Bytes(SwapSlot slot) const {
  FL_CHECK(slot && slot.value() < fresh_);
  return bytes_ + (slot.value() << phys_.page_shift().value());
}

SwapSlot SwapArea::TakeSlot() {
  uint64_t slot = fresh_;
  if (freed_.empty()) {
    ++fresh_;
  } else {
    slot = freed_.First();
    freed_.Erase(slot);
  }
  free_ -= PageCount(1);
  return SwapSlot(slot);
}

void SwapArea::FreeSlot(SwapSlot slot) {
  tags_.erase(slot.value());
  freed_.Insert(slot.value());
  free_ += PageCount(1);
}

bool SwapArea::AddToSwap(Pfn pfn) {
  if (!on_ || free_ == PageCount()) {
    return false;
  }
  AddToCache(TakeSlot(), pfn);
  phys_.frame(pfn).dirty = true;
  return true;
}

void SwapArea::AddToCache(SwapSlot slot, Pfn pfn) {
  Frame& page = phys_.frame(pfn);
  Slot& s = slots_[slot.value()];
  FL_CHECK(page.order == 0 && !InSwapCache(page) && s.cached == kNotCached);
  s.cached = uint32_t(pfn.value());
  page.swap_slot = slot;
  phys_.Get(pfn);
  cached_ += PageCount(1);
}

std::optional<Pfn> SwapArea::Cached(SwapSlot slot) const {
  const uint32_t pfn = slots_[slot.value()].cached;
  return pfn == kNotCached ? std::nullopt : std::optional<Pfn>(Pfn(pfn));
}

// mm/swap_state.c __read_swap_cache_async(). Allocating and locking let others
// run, so the cache is asked again after them.
ErrnoOr<SwapArea::CachedPage> SwapArea::ReadIn(
    SwapSlot slot, AllocPurpose purpose,
    absl::FunctionRef<bool()> wanted) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (const std::optional<Pfn> found = Cached(slot)) {
    phys_.Get(*found);
    return CachedPage{*found};
  }
  FL_ASSIGN(const Pfn pfn, phys_.Allocate(purpose));
  Frame& page = phys_.frame(pfn);
  page.lock.Acquire();
  const std::optional<Pfn> found = Cached(slot);
  if (found.has_value() || !wanted()) {
    page.lock.Release();
    phys_.Put(pfn);
    return Errno::kEAGAIN;
  }
  page.swap_backed = true;
  AddToCache(slot, pfn);
  if (page.use != FrameUse::kKernel) {
    phys_.lru().Add(pfn, Lru::kInactiveAnon);
  }
  Scheduler::PointIfActive(kSwapReadPoint);
  if (MayFail(kSwapReadError)) {
    page.lock.Release();
    return CachedPage{pfn, true};
  }
  std::memcpy(phys_.Data(pfn), Bytes(slot), phys_.page_shift().bytes());
  if (const auto tags = tags_.find(slot.value()); tags != tags_.end()) {
    page.tagged = true;
    phys_.tags().Store(pfn, tags->second);
  }
  page.uptodate = true;
  ++pages_in_;
  page.lock.Release();
  return CachedPage{pfn, true};
}

void SwapArea::Write(Pfn pfn) {
  Frame& page = phys_.frame(pfn);
  FL_DCHECK(InSwapCache(page));
  page.dirty = false;
  Scheduler::PointIfActive(kSwapWritePoint);
  if (MayFail(kSwapWriteError)) {
    page.dirty = true;
    return;
  }
  std::memcpy(Bytes(page.swap_slot), phys_.Data(pfn),
              phys_.page_shift().bytes());
  if (page.tagged) {
    const absl::Span<const std::byte> tags = phys_.tags().Of(pfn);
    tags_[page.swap_slot.value()].assign(tags.begin(), tags.end());
  } else {
    tags_.erase(page.swap_slot.value());
  }
  ++pages_out_;
}

void SwapArea::RemoveFromCache(Pfn pfn) {
  Frame& page = phys_.frame(pfn);
  const SwapSlot slot = std::exchange(page.swap_slot, SwapSlot());
  FL_CHECK(slot && page.refcount > 1);
  slots_[slot.value()].cached = kNotCached;
  cached_ -= PageCount(1);
  if (count(slot) == 0) {
    FreeSlot(slot);
  }
  phys_.Put(pfn);
}

bool SwapArea::FreeSwap(Pfn pfn) {
  Frame& page = phys_.frame(pfn);
  if (!InSwapCache(page) || count(page.swap_slot) != 0) {
    return false;
  }
  RemoveFromCache(pfn);
  page.dirty = true;
  return true;
}

void SwapArea::MoveCached(Pfn from, Pfn to) {
  const SwapSlot slot = std::exchange(phys_.frame(from).swap_slot, SwapSlot());
  FL_CHECK(slot && !InSwapCache(phys_.frame(to)));
  slots_[slot.value()].cached = uint32_t(to.value());
  phys_.frame(to).swap_slot = slot;
  phys_.Get(to);
  phys_.Put(from);
}

std::optional<Pfn> SwapArea::NextUnheld(SwapSlot after) const {
  for (uint64_t i = after.value() + 1; i < fresh_; ++i) {
    if (slots_[i].count == 0 && slots_[i].cached != kNotCached) {
      return Pfn(slots_[i].cached);
    }
  }
  return std::nullopt;
}

void SwapArea::Dup(SwapSlot slot) {
  FL_CHECK(slot && slot.value() < fresh_);
  ++slots_[slot.value()].count;
}

void SwapArea::Drop(SwapSlot slot) {
  Slot& s = slots_[slot.value()];
  FL_CHECK(s.count > 0);
  if (--s.count == 0 && s.cached == kNotCached) {
    FreeSlot(slot);
  }
}

// Nothing leads to the page any more but the cache.
bool SwapArea::Stranded(const Frame& folio) const {
  return InSwapCache(folio) && folio.mapcount == 0 &&
         count(folio.swap_slot) == 0 && !folio.lock.locked();
}

void SwapArea::DropAndCache(SwapSlot slot) {
  Drop(slot);
  const std::optional<Pfn> pfn = Cached(slot);
  if (pfn.has_value() && Stranded(phys_.frame(*pfn))) {
    phys_.Get(*pfn);
    RemoveFromCache(*pfn);
    phys_.Put(*pfn);
  }
}

void SwapArea::PutPage(Pfn pfn) {
  if (Stranded(phys_.folio(pfn))) {
    RemoveFromCache(pfn);
  }
  phys_.Put(pfn);
}

void SwapArea::Validate() const {
  PageCount free(total_.value() + 1 - fresh_), cached;
  for (uint64_t i = 1; i < fresh_; ++i) {
    const Slot& s = slots_[i];
    if (freed_.Contains(i)) {
      FL_CHECK(s.count == 0 && s.cached == kNotCached);
      free += PageCount(1);
      continue;
    }
    FL_CHECK(s.count > 0 || s.cached != kNotCached);
    if (s.cached != kNotCached) {
      const Frame& page = phys_.frame(Pfn(s.cached));
      FL_CHECK(page.swap_slot == SwapSlot(i) && page.refcount > page.mapcount);
      cached += PageCount(1);
    }
  }
  FL_CHECK(free == free_ && cached == cached_);
}

}  // namespace faultline::mm
