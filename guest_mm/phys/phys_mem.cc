#include "guest_mm/phys/phys_mem.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "guest_mm/base/check.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/tlb.h"
#include "guest_mm/trace.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kSmallestMachine = 1 << 20;
constexpr uint64_t kHostHugePage = 2 << 20;

FrameUse UseFor(AllocPurpose purpose) {
  switch (purpose) {
    case AllocPurpose::kAnon:
    case AllocPurpose::kHugeAnon:
    case AllocPurpose::kHugeCollapse:
      return FrameUse::kAnon;
    case AllocPurpose::kPageCache:
    case AllocPurpose::kHugePageCache:
    case AllocPurpose::kHugeFileCollapse:
      return FrameUse::kPageCache;
    case AllocPurpose::kTableRoot:
    case AllocPurpose::kTableP4d:
    case AllocPurpose::kTablePud:
    case AllocPurpose::kTablePmd:
    case AllocPurpose::kTablePte:
      return FrameUse::kPageTable;
    case AllocPurpose::kHugeZero:
    case AllocPurpose::kKernel:
      return FrameUse::kKernel;
    case AllocPurpose::kHugeTlb:
      return FrameUse::kHugeTlb;
  }
  return FrameUse::kKernel;
}

// A table of base-page entries has a lock inside that of the tables above.
const LockClass& LockClassFor(AllocPurpose purpose) {
  if (purpose == AllocPurpose::kTablePte) {
    return kPageTableLock;
  }
  return UseFor(purpose) == FrameUse::kPageTable ? kPmdLock : kPageLock;
}

// No order above 1 GiB, and none that the whole machine does not hold.
int MaxOrder(PageShift shift) {
  return std::min(PhysMem::kMaxOrder, 30 - shift.value());
}

// Everything but the lock goes back to what a free frame has.
void Clear(Frame& f) {
  f.use = FrameUse::kFree;
  f.order = 0;
  f.dirty = f.uptodate = f.swap_backed = f.mlocked = f.executed = false;
  f.zeroed = f.referenced = f.anon_exclusive = f.partially_mapped = false;
  f.restore_reserve = false;
  f.has_hw_poisoned = f.tagged = false;
  f.refcount = f.mapcount = f.entries = f.deposits = f.mlock_count = 0;
  f.entire_mapcount = f.large_mapcount = f.pages_mapped = f.pincount = 0;
  f.mapping = nullptr;
  f.anon_vma = nullptr;
  f.index = 0;
  f.swap_slot = SwapSlot();
  f.head = Pfn();
}

}  // namespace

absl::StatusOr<std::unique_ptr<PhysMem>> PhysMem::Create(uint64_t bytes,
                                                         PageShift shift) {
  if (bytes < kSmallestMachine || (bytes & shift.mask()) != 0) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "memory of %d bytes: want at least 1 MiB, in pages of %d", bytes,
        shift.bytes()));
  }
  // Aligned, so that the host can use huge pages from the first byte on.
  const uint64_t room = bytes + kHostHugePage;
  void* map = room < bytes
                  ? MAP_FAILED
                  : mmap(nullptr, room, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        absl::StrFormat("no room for %d bytes of guest memory", bytes));
  }
  const uint64_t at = reinterpret_cast<uintptr_t>(map);
  const uint64_t skip = (kHostHugePage - at % kHostHugePage) % kHostHugePage;
  std::byte* const ram = static_cast<std::byte*>(map) + skip;
  if (skip != 0) {
    munmap(map, skip);
  }
  if (skip != kHostHugePage) {
    munmap(ram + bytes, kHostHugePage - skip);
  }
  // Advice only: without huge pages everything works, slower.
  madvise(ram, bytes, MADV_HUGEPAGE);
  return std::unique_ptr<PhysMem>(new PhysMem(ram, bytes, shift));
}

PhysMem::PhysMem(std::byte* ram, uint64_t bytes, PageShift shift)
    : ram_(ram),
      bytes_(bytes),
      shift_(shift),
      tags_(bytes, shift),
      free_(bytes >> shift.value()),
      buddy_(bytes >> shift.value(), MaxOrder(shift)),
      groups_((bytes >> shift.value()) / kGroup + 1) {
  used_[size_t(FrameUse::kFree)] = free_;
}

PhysMem::~PhysMem() { munmap(ram_, bytes_); }

Frame* PhysMem::MakeGroup(Pfn pfn) {
  FL_CHECK(Contains(pfn));
  std::unique_ptr<Frame[]>& group = groups_[pfn.value() / kGroup];
  group = std::make_unique<Frame[]>(kGroup);
  for (uint64_t i = 0; i < kGroup; ++i) {
    group[i].zeroed = true;  // nobody has had it: the host's fresh zeros
  }
  return group.get();
}

ErrnoOr<Pfn> PhysMem::Allocate(AllocPurpose purpose, int order) {
  Scheduler::PointIfActive(kPageAllocPoint);
  if (MayFail(SiteOf(purpose))) {
    last_failure_ = {purpose, order};
    return Errno::kENOMEM;
  }
  NoteWrite(this);
  const PageCount wanted(uint64_t{1} << order);
  if (pressure_ != nullptr &&
      (free_ < wanted || !pressure_->Plenty(free_ - wanted))) [[unlikely]] {
    pressure_->MakeRoom(purpose, order);
  }
  const std::optional<Pfn> head =
      order <= buddy_.max_order() ? buddy_.Take(order) : std::nullopt;
  if (!head.has_value()) {
    last_failure_ = {purpose, order};
    return Errno::kENOMEM;
  }
  const FrameUse use = UseFor(purpose);
  Frame& frame = this->frame(*head);
  frame.use = use;
  frame.order = uint8_t(order);
  frame.refcount = 1;
  frame.lock.set_lock_class(LockClassFor(purpose));
  const uint64_t count = uint64_t{1} << order;
  for (uint64_t i = 1; i < count; ++i) {
    Frame& tail = this->frame(*head + i);
    tail.use = FrameUse::kTail;
    tail.head = *head;
  }
  free_ -= PageCount(count);
  used_[size_t(FrameUse::kFree)] -= PageCount(count);
  used_[size_t(use)] += PageCount(count);
  if (trace_ != nullptr && trace_->on(TraceKind::kAlloc)) [[unlikely]] {
    TraceAlloc("alloc", *head, use, order, ToString(purpose));
  }
  return *head;
}

ErrnoOr<Pfn> PhysMem::AllocateZeroed(AllocPurpose purpose, int order) {
  FL_ASSIGN(const Pfn head, Allocate(purpose, order));
  for (uint64_t i = 0; i < uint64_t{1} << order; ++i) {
    if (!frame(head + i).zeroed) {
      std::memset(Data(head + i), 0, shift_.bytes());
    }
  }
  return head;
}

void PhysMem::Put(Pfn pfn) {
  Frame& f = folio(pfn);
  FL_DCHECK(f.use != FrameUse::kFree);
  FL_CHECK(f.refcount > 0);
  NoteWrite(&f);
  if (--f.refcount == 0 &&
      (f.use != FrameUse::kHugeTlb || huge_page_owner_ == nullptr ||
       !huge_page_owner_->TakeBack(HeadOf(pfn)))) {
    FreeBlock(HeadOf(pfn), f);
  }
}

void PhysMem::Free(Pfn head) {
  Frame& f = frame(head);
  FL_CHECK(f.use == FrameUse::kHugeTlb && f.refcount == 1);
  f.refcount = 0;
  FreeBlock(head, f);
}

void PhysMem::Recycle(Pfn head) {
  const Frame& was = frame(head);
  const int order = was.order;
  FL_CHECK(was.refcount == 0 && FolioMapcount(was) == 0 && !was.lock.locked());
  for (uint64_t i = 0; i < uint64_t{1} << order; ++i) {
    Frame& f = frame(head + i);
    if (f.executed && tlb_ != nullptr) {
      tlb_->FlushCode(head + i);
    }
    const FrameUse use = f.use;
    const Pfn head_of_tail = f.head;
    Clear(f);
    f.use = use;
    f.head = head_of_tail;
  }
  frame(head).order = uint8_t(order);
  frame(head).refcount = 1;
}

void PhysMem::FreeBlock(Pfn head, Frame& first) {
  NoteWrite(this);
  FL_CHECK(FolioMapcount(first) == 0 && first.deposits == 0);
  FL_CHECK(!first.lock.locked() && !InSwapCache(first));
  if (first.partially_mapped) {
    deferred_split_.Remove(head);
  }
  lru_.Remove(head);
  const int order = first.order;
  const FrameUse use = first.use;
  const bool whole = !first.hw_poisoned && !first.has_hw_poisoned;
  const uint64_t count = uint64_t{1} << order;
  for (uint64_t i = 0; i < count; ++i) {
    Frame& f = frame(head + i);
    if (f.executed && tlb_ != nullptr) {
      tlb_->FlushCode(head + i);
    }
    const bool lost = f.hw_poisoned;
    Clear(f);
    const FrameUse now = lost ? FrameUse::kKernel : FrameUse::kFree;
    used_[size_t(use)] -= PageCount(1);
    used_[size_t(now)] += PageCount(1);
    if (lost) {  // nobody gets it again
      f.use = now;
      f.refcount = 1;
    } else {
      free_ += PageCount(1);
      if (!whole) {
        buddy_.Give(head + i, 0);
      }
    }
  }
  if (whole) {
    buddy_.Give(head, order);
  }
  if (trace_ != nullptr && trace_->on(TraceKind::kAlloc)) [[unlikely]] {
    TraceAlloc("free", head, use, order, ToString(use));
  }
}

void PhysMem::SplitBlock(Pfn head) {
  Frame& first = frame(head);
  FL_CHECK(FolioMapcount(first) == 0);
  FL_CHECK(first.refcount == 1 + CacheReferences(first));
  if (first.partially_mapped) {
    deferred_split_.Remove(head);
    first.partially_mapped = false;
  }
  const uint64_t count = uint64_t{1} << first.order;
  const Lru list = first.lru;
  lru_.Remove(head);  // by its size
  first.order = 0;
  first.refcount = 1 + CacheReferences(first);
  if (list != Lru::kNone) {
    lru_.Add(head, list);
  }
  for (uint64_t i = 1; i < count; ++i) {
    Frame& f = frame(head + i);
    f.use = first.use;
    f.refcount = first.refcount;
    f.dirty = first.dirty;
    f.uptodate = first.uptodate;
    f.swap_backed = first.swap_backed;
    f.mlocked = first.mlocked;
    f.referenced = first.referenced;
    f.mapping = first.mapping;
    f.anon_vma = first.anon_vma;
    f.index = first.index + i;
    f.head = Pfn();
    f.lock.set_lock_class(first.lock.lock_class());
    if (list != Lru::kNone) {
      lru_.Add(head + i, list);
    }
  }
}

void PhysMem::WroteByHost(Pfn pfn) {
  Frame& f = frame(pfn);
  if (f.executed) {
    f.executed = false;
    if (tlb_ != nullptr) {
      tlb_->FlushCode(pfn);
    }
  }
}

void PhysMem::Reserve(Pfn first, PageCount n) {
  for (uint64_t i = 0; i < n.value(); ++i) {
    FL_CHECK(buddy_.TakeFrame(first + i));
    Frame& f = frame(first + i);
    f.use = FrameUse::kReserved;
    f.refcount = 1;
  }
  free_ -= n;
  used_[size_t(FrameUse::kFree)] -= n;
  used_[size_t(FrameUse::kReserved)] += n;
}

void PhysMem::TraceAlloc(const char* name, Pfn pfn, FrameUse use, int order,
                         const char* purpose) const {
  const TraceField fields[] = {
      TraceField::Hex("pfn", pfn.value()),
      TraceField::Dec("order", uint64_t(order)),
      TraceField::Text("use", ToString(use)),
      TraceField::Text("purpose", purpose),
  };
  trace_->Emit(TraceKind::kAlloc, name, fields);
}

void PhysMem::Validate() const {
  lru_.Validate();
  uint64_t free = 0;
  for (int order = 0; order <= buddy_.max_order(); ++order) {
    free += buddy_.free_blocks(order) << order;
  }
  FL_CHECK(PageCount(free) == free_ && used(FrameUse::kFree) == free_);
  std::array<uint64_t, sizeof(used_) / sizeof(used_[0])> by_use = {};
  for (Pfn pfn; pfn < Pfn(total().value());) {
    const std::optional<Buddy::Block> block = buddy_.BlockOf(pfn);
    if (block.has_value()) {
      FL_CHECK(block->head == pfn);  // else it overlaps the one before
      const uint64_t n = uint64_t{1} << block->order;
      FL_CHECK(pfn.value() % n == 0);
      // Two free buddies would have been joined.
      FL_CHECK(block->order == buddy_.max_order() ||
               !buddy_.HasBlock(Pfn(pfn.value() ^ n), block->order));
      for (uint64_t i = 0; i < n;) {
        const uint64_t at = (pfn + i).value();
        if (groups_[at / kGroup] == nullptr) {
          i += kGroup - at % kGroup;
          continue;
        }
        const Frame& f = frame(Pfn(at));
        FL_CHECK(f.use == FrameUse::kFree && f.refcount == 0 &&
                 f.mapcount == 0 && !f.lock.locked());
        ++i;
      }
      by_use[size_t(FrameUse::kFree)] += n;
      pfn = pfn + n;
      continue;
    }
    const Frame& f = frame(pfn);
    FL_CHECK(f.use != FrameUse::kFree && f.use != FrameUse::kTail);
    FL_CHECK(f.refcount > 0 && FolioMapcount(f) <= f.refcount);
    const uint64_t n = uint64_t{1} << f.order;
    FL_CHECK(pfn.value() % n == 0);
    FL_CHECK(f.partially_mapped == deferred_split_.Contains(pfn));
    int32_t mapcounts = f.entire_mapcount;
    int32_t pages_mapped = 0;
    for (uint64_t i = 0; i < n; ++i) {
      const Frame& page = frame(pfn + i);
      FL_CHECK(i == 0 || (page.use == FrameUse::kTail && page.head == pfn));
      FL_CHECK(page.mapcount >= 0);
      mapcounts += page.mapcount;
      pages_mapped += page.mapcount > 0 ? 1 : 0;
    }
    FL_CHECK(f.order == 0 ||
             (f.large_mapcount == mapcounts && f.pages_mapped == pages_mapped));
    by_use[size_t(f.use)] += n;
    pfn = pfn + n;
  }
  for (size_t i = 0; i < by_use.size(); ++i) {
    FL_CHECK(PageCount(by_use[i]) == used_[i]);
  }
}

}  // namespace faultline::mm
