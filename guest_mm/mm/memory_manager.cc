#include "guest_mm/mm/memory_manager.h"

#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/hugetlb/hugetlb.h"
#include "guest_mm/phys/dma_engine.h"
#include "guest_mm/reclaim/reclaim.h"
#include "guest_mm/thp/khugepaged.h"

namespace faultline::mm {

absl::StatusOr<std::unique_ptr<MemoryManager>> MemoryManager::Create(
    const ArchOps& arch, Tlb& tlb, const Options& options) {
  auto phys = PhysMem::Create(options.memory_bytes, arch.geometry().page_shift);
  if (!phys.ok()) {
    return phys.status();
  }
  std::unique_ptr<MemoryManager> mm(new MemoryManager(arch, tlb));
  mm->phys_ = *std::move(phys);
  mm->slab_ = Slab::Create(*mm->phys_);
  mm->dma_ = std::make_unique<DmaEngine>(*mm->phys_);
  mm->behaviours_ = options.behaviours;
  mm->sysctl_.mmap_min_addr = arch.layout().mmap_min_addr;
  mm->phys_->set_tlb(&tlb);
  mm->phys_->set_trace(&mm->trace_);
  mm->phys_->set_manager(mm.get());
  // The last frame, which leaves physical address 0 and up to the guest
  // kernel image. Nobody has written to it: it holds zeros.
  mm->zero_page_ = Pfn(mm->phys_->total().value() - 1);
  mm->phys_->Reserve(mm->zero_page_, PageCount(1));
  auto swap = SwapArea::Create(*mm->phys_, *mm->slab_, options.swap_bytes);
  if (!swap.ok()) {
    return swap.status();
  }
  mm->swap_ = *std::move(swap);
  mm->phys_->set_swap(mm->swap_.get());
  mm->reclaim_ = std::make_unique<Reclaim>(*mm);
  mm->phys_->set_pressure(mm->reclaim_.get());
  mm->hugetlb_ = std::make_unique<Hugetlb>(*mm->phys_, arch.geometry());
  return mm;
}

MemoryManager::MemoryManager(const ArchOps& arch, Tlb& tlb)
    : arch_(arch),
      tlb_(tlb),
      thp_(arch.geometry().HugePages()),
      khugepaged_(std::make_unique<Khugepaged>(*this)) {}

MemoryManager::~MemoryManager() = default;

void MemoryManager::Bug(std::string_view where) const {
  FL_CHECK(bug_handler_ != nullptr);
  bug_handler_(where);
}

}  // namespace faultline::mm
