#include "guest_mm/hugetlb/huge_page_pool.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "guest_mm/arch_ops.h"
#include "guest_mm/base/check.h"
#include "guest_mm/fault/fatal_signal.h"

namespace faultline::mm {

HugePagePool::HugePagePool(PhysMem& phys, HugetlbCounters& counters, int level,
                           int order)
    : phys_(phys), counters_(counters), level_(level), order_(order) {}

bool HugePagePool::gigantic() const {
  return level_ > PagingGeometry::kHugeLevel;
}

std::string HugePagePool::name() const {
  return absl::StrCat("hugepages-", bytes() >> 10, "kB");
}

std::optional<Pfn> HugePagePool::Allocate() {
  const ErrnoOr<Pfn> page = phys_.Allocate(AllocPurpose::kHugeTlb, order_);
  if (!page.ok()) {
    ++counters_.alloc_fail;
    return std::nullopt;
  }
  ++counters_.alloc_success;
  ++total_;
  return *page;
}

std::optional<Pfn> HugePagePool::AllocateSurplus() {
  if (gigantic() || surplus_ >= overcommit_) {
    return std::nullopt;
  }
  const std::optional<Pfn> page = Allocate();
  if (!page.has_value()) {
    return std::nullopt;
  }
  if (surplus_ >=
      overcommit_) {  // others were faster, or the limit was lowered
    --total_;
    phys_.Free(*page);
    return std::nullopt;
  }
  ++surplus_;
  return page;
}

void HugePagePool::RemoveFree() {
  const Pfn page = free_.back();
  free_.pop_back();
  --total_;
  phys_.Free(page);
}

void HugePagePool::SetPersistent(uint64_t count) {
  while (surplus_ > 0 && count > persistent()) {
    --surplus_;  // adjust_pool_surplus(): it stays for good
  }
  while (count > persistent() && !FatalSignalPending()) {
    const std::optional<Pfn> page = Allocate();
    if (!page.has_value()) {
      break;
    }
    free_.push_back(*page);
  }
  const uint64_t in_use = total_ - free_.size();
  const uint64_t least = std::max(count, reserved_ + in_use);
  while (least < persistent() && !free_.empty()) {
    RemoveFree();
  }
  while (count < persistent()) {
    ++surplus_;  // they go when they are freed
  }
  wanted_ = persistent();
}

// gather_surplus_pages().
ErrnoOr<Done> HugePagePool::Reserve(uint64_t pages) {
  std::vector<Pfn> gathered;
  const auto lacking = [&] {
    const uint64_t have = free_.size() + gathered.size();
    return reserved_ + pages > have ? reserved_ + pages - have : 0;
  };
  while (lacking() > 0) {
    const std::optional<Pfn> page = AllocateSurplus();
    if (!page.has_value()) {
      break;
    }
    gathered.push_back(*page);
  }
  const bool enough = lacking() == 0;
  // What others have freed meanwhile may make some superfluous.
  for (const Pfn page : gathered) {
    if (enough && free_.size() < reserved_ + pages) {
      free_.push_back(page);
    } else {
      --surplus_;
      --total_;
      phys_.Free(page);
    }
  }
  if (!enough) {
    return Errno::kENOMEM;
  }
  reserved_ += pages;
  return kDone;
}

// return_unused_surplus_pages().
void HugePagePool::Unreserve(uint64_t pages) {
  FL_CHECK(reserved_ >= pages);
  reserved_ -= pages;
  for (; pages > 0 && surplus_ > 0 && !free_.empty(); --pages) {
    --surplus_;
    RemoveFree();
  }
}

// dequeue_hugetlb_folio_vma(), and what follows it when there is none.
std::optional<Pfn> HugePagePool::Take(For whom) {
  const bool promised = whom == For::kReservation;
  std::optional<Pfn> page;
  if (!free_.empty() && (promised || available() > 0)) {
    page = free_.back();
    free_.pop_back();
  } else {
    page = AllocateSurplus();
  }
  if (page.has_value() && promised) {
    FL_CHECK(reserved_ > 0);
    --reserved_;
    phys_.frame(*page).restore_reserve = true;
  }
  return page;
}

bool HugePagePool::GiveBack(Pfn head) {
  // One that is promised to somebody stays, be it one too many.
  if (surplus_ > 0 && free_.size() >= reserved_) {
    --surplus_;
    --total_;
    return false;
  }
  phys_.Recycle(head);
  free_.push_back(head);
  return true;
}

void HugePagePool::Dissolve() {
  --total_;
  if (surplus_ > total_) {
    --surplus_;
  }
  wanted_ -= wanted_ > 0 ? 1 : 0;
}

void HugePagePool::Validate() const {
  FL_CHECK(surplus_ <= total_ && reserved_ <= free_.size());
  for (const Pfn page : free_) {
    const Frame& f = phys_.frame(page);
    FL_CHECK(f.use == FrameUse::kHugeTlb && f.order == order_);
    FL_CHECK(f.refcount == 1 && FolioMapcount(f) == 0 && !f.restore_reserve);
    FL_CHECK(f.mapping == nullptr && f.anon_vma == nullptr);
  }
}

}  // namespace faultline::mm
