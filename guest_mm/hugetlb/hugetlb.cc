#include "guest_mm/hugetlb/hugetlb.h"

#include <utility>

#include "guest_mm/base/check.h"

namespace faultline::mm {

Hugetlb::Hugetlb(PhysMem& phys, const PagingGeometry& geometry) : phys_(phys) {
  for (int level = 1; level <= geometry.root(); ++level) {
    const PagingLevel& l = geometry.levels[size_t(level)];
    if (l.can_map_page) {
      pools_.push_back(std::make_unique<HugePagePool>(
          phys, counters_, level, l.shift - geometry.page_shift.value()));
    }
  }
  phys_.set_huge_page_owner(this);
}

Hugetlb::~Hugetlb() { phys_.set_huge_page_owner(nullptr); }

HugePagePool* Hugetlb::default_pool() const {
  return pools_.empty() ? nullptr : pools_.front().get();
}

HugePagePool* Hugetlb::PoolOf(uint64_t log2_bytes) const {
  if (log2_bytes == 0) {
    return default_pool();
  }
  for (const auto& pool : pools_) {
    if (uint64_t(pool->shift()) == log2_bytes) {
      return pool.get();
    }
  }
  return nullptr;
}

void Hugetlb::SetSubpool(Pfn head, std::shared_ptr<HugePageSubpool> subpool) {
  if (subpool != nullptr) {
    subpools_[head.value()] = std::move(subpool);
  }
}

void Hugetlb::MoveSubpool(Pfn from, Pfn to) {
  if (const auto it = subpools_.find(from.value()); it != subpools_.end()) {
    std::shared_ptr<HugePageSubpool> subpool = std::move(it->second);
    subpools_.erase(it);
    subpools_[to.value()] = std::move(subpool);
  }
}

PageCount Hugetlb::TotalPages() const {
  PageCount pages;
  for (const auto& pool : pools_) {
    pages += PageCount(pool->total() * pool->pages().value());
  }
  return pages;
}

bool Hugetlb::TakeBack(Pfn head) {
  Frame& folio = phys_.frame(head);
  bool restore = folio.restore_reserve;
  folio.restore_reserve = false;
  if (const auto it = subpools_.find(head.value()); it != subpools_.end()) {
    const std::shared_ptr<HugePageSubpool> subpool = std::move(it->second);
    subpools_.erase(it);
    // Its share would fall below its minimum: the page stays promised to it.
    if (!restore && subpool->Put(1) == 0) {
      restore = true;
    }
  }
  for (const auto& pool : pools_) {
    if (pool->order() == folio.order) {
      if (restore) {
        pool->RestoreReserve();
      }
      if (folio.has_hw_poisoned) {
        pool->Dissolve();
        return false;
      }
      return pool->GiveBack(head);
    }
  }
  return false;
}

void Hugetlb::Validate() const {
  std::vector<uint64_t> all(pools_.size());
  phys_.ForEachFrame([&](Pfn, const Frame& f) {
    for (size_t i = 0; f.use == FrameUse::kHugeTlb && i < pools_.size(); ++i) {
      all[i] += f.order == pools_[i]->order() ? 1 : 0;
    }
  });
  for (size_t i = 0; i < pools_.size(); ++i) {
    pools_[i]->Validate();
    FL_CHECK(all[i] == pools_[i]->total());
  }
  FL_CHECK(TotalPages() == phys_.used(FrameUse::kHugeTlb));
}

}  // namespace faultline::mm
