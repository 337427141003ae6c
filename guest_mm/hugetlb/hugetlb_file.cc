#include "guest_mm/hugetlb/hugetlb_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/fault/fatal_signal.h"
#include "guest_mm/hugetlb/hugetlb_range.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/rmap/rmap_walk.h"

namespace faultline::mm {

HugetlbFile::HugetlbFile(PhysMem& phys, Hugetlb& hugetlb, HugePagePool& pool,
                         std::shared_ptr<HugePageSubpool> subpool)
    : phys_(phys),
      hugetlb_(hugetlb),
      pool_(pool),
      subpool_(std::move(subpool)),
      number_(hugetlb.NextFileNumber()),
      mapping_(phys, Mapping::Kind::kShmem, nullptr) {}

HugetlbFile::~HugetlbFile() {
  FL_CHECK(mapping_.vmas().empty());
  constexpr uint64_t kLast = ~uint64_t{0};
  const uint64_t freed = Remove(0, kLast);
  Unreserve(0, kLast, freed);
}

void HugetlbFile::Extend(uint64_t size) {
  if (size > mapping_.size()) {
    mapping_.Resize(size);
  }
}

std::optional<Pfn> HugetlbFile::Find(uint64_t index) const {
  const auto it = pages_.find(index);
  return it == pages_.end() ? std::nullopt : std::optional<Pfn>(it->second);
}

std::optional<uint64_t> HugetlbFile::NextPage(uint64_t index) const {
  const auto it = pages_.lower_bound(index);
  return it == pages_.end() ? std::nullopt : std::optional<uint64_t>(it->first);
}

void HugetlbFile::Insert(uint64_t index, Pfn pfn) {
  Frame& folio = phys_.frame(pfn);
  FL_DCHECK(folio.lock.locked() && !pages_.contains(index));
  phys_.Get(pfn);
  folio.mapping = &mapping_;
  folio.index = index << pool_.order();
  folio.dirty = true;  // it is never written back
  folio.restore_reserve = false;
  pages_.emplace(index, pfn);
}

void HugetlbFile::Replace(uint64_t index, Pfn to) {
  const Pfn old = pages_.at(index);
  pages_.at(index) = to;
  phys_.Get(to);
  phys_.frame(to).mapping = &mapping_;
  phys_.frame(old).mapping = nullptr;
  phys_.frame(old).dirty = false;
  phys_.Put(old);
}

void HugetlbFile::Truncate(uint64_t size) {
  mapping_.Resize(size);  // unmaps what lies beyond, private copies too
  const uint64_t first = size >> pool_.shift();
  constexpr uint64_t kLast = ~uint64_t{0};
  const uint64_t freed = Remove(first, kLast);
  Unreserve(first, kLast, freed);
}

uint64_t HugetlbFile::Remove(uint64_t first, uint64_t last) {
  uint64_t freed = 0;
  for (auto index = NextPage(first); index && *index <= last;
       index = NextPage(*index + 1)) {
    LockGuard mutex(FaultMutex(*index));
    if (pages_.contains(*index)) {
      RemovePage(*index);
      ++freed;
    }
  }
  return freed;
}

// remove_inode_single_folio(). Under the fault mutex: nobody brings it back.
void HugetlbFile::RemovePage(uint64_t index) {
  const Pfn pfn = pages_.at(index);
  Frame& folio = phys_.frame(pfn);
  {
    LockGuard page_lock(folio.lock);
    if (FolioMapcount(folio) > 0) {  // faulted in again since it was unmapped
      Unmap(index << pool_.shift(), (index + 1) << pool_.shift());
    }
    pages_.erase(index);
    folio.mapping = nullptr;
    folio.dirty = false;
  }
  phys_.Put(pfn);
}

void HugetlbFile::Unmap(uint64_t from, uint64_t to) {
  const int shift = phys_.page_shift().value();
  LockGuard guard(mapping_.i_mmap_lock());
  RmapWalkLocked(mapping_, {from >> shift, (to - from) >> shift},
                 [](Vma& vma, GuestRange range) {
                   ZapHugetlbFileRange(vma, range);
                   return true;
                 });
}

ErrnoOr<Done> HugetlbFile::Allocate(uint64_t offset, uint64_t length) {
  const uint64_t end = ((offset + length - 1) >> pool_.shift()) + 1;
  for (uint64_t i = offset >> pool_.shift(); i < end; ++i) {
    if (FatalSignalPending()) {
      return Errno::kEINTR;
    }
    LockGuard mutex(FaultMutex(i));
    if (!pages_.contains(i)) {
      FL_TRY(AllocatePage(i));
    }
  }
  return kDone;
}

ErrnoOr<Done> HugetlbFile::AllocatePage(uint64_t index) {
  FL_ASSIGN(
      const Pfn page,
      AllocateHugePage(phys_, HugePageClaim::Of(*this, index), Reserves::kUse));
  ClearHugePage(phys_, page);
  Frame& folio = phys_.frame(page);
  folio.uptodate = true;
  {
    LockGuard page_lock(folio.lock);
    Insert(index, page);
  }
  phys_.Put(page);  // the cache has its own
  return kDone;
}

void HugetlbFile::PunchHole(uint64_t offset, uint64_t length) {
  const uint64_t bytes = pool_.bytes();
  const uint64_t end = offset + length;
  const uint64_t first = (offset + bytes - 1) / bytes;  // whole pages
  const uint64_t last = end / bytes;
  if (offset < first * bytes) {
    ZeroPart(offset, std::min(end, first * bytes));
  }
  if (first < last) {
    Unmap(first * bytes, last * bytes);
  }
  if (end > last * bytes && end > first * bytes) {
    ZeroPart(last * bytes, end);
  }
  for (auto index = NextPage(first); index && *index < last;
       index = NextPage(*index + 1)) {
    LockGuard mutex(FaultMutex(*index));
    if (pages_.contains(*index)) {
      RemovePage(*index);
      Unreserve(*index, *index + 1, 1);
    }
  }
}

void HugetlbFile::ZeroPart(uint64_t from, uint64_t to) {
  const std::optional<Pfn> page = Find(from >> pool_.shift());
  if (!page.has_value()) {
    return;
  }
  phys_.Get(*page);
  {
    LockGuard page_lock(phys_.frame(*page).lock);
    const uint64_t in_page = from & (pool_.bytes() - 1);
    std::memset(phys_.Data(*page) + in_page, 0, to - from);
    const int shift = phys_.page_shift().value();
    for (uint64_t i = in_page >> shift; i << shift < in_page + to - from; ++i) {
      phys_.WroteByHost(*page + i);
    }
  }
  phys_.Put(*page);
}

void HugetlbFile::Validate() const {
  for (const auto& [index, pfn] : pages_) {
    const Frame& folio = phys_.frame(pfn);
    FL_CHECK(folio.use == FrameUse::kHugeTlb && folio.order == pool_.order());
    FL_CHECK(folio.mapping == &mapping_ && folio.anon_vma == nullptr);
    FL_CHECK(folio.index == index << pool_.order() && folio.uptodate);
    FL_CHECK(folio.refcount > FolioMapcount(folio));
    FL_CHECK(reserved_.Count(index, index + 1) == 1);
  }
  mapping_.Validate();
}

void ClearHugePage(PhysMem& phys, Pfn head) {
  const uint64_t pages = uint64_t{1} << phys.frame(head).order;
  for (uint64_t i = 0; i < pages; ++i) {
    if (!phys.frame(head + i).zeroed) {
      std::memset(phys.Data(head + i), 0, phys.page_shift().bytes());
    }
  }
}

}  // namespace faultline::mm
