#include "guest_mm/thp/khugepaged.h"

#include <algorithm>
#include <memory>

#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/collapse_file.h"
#include "guest_mm/thp/eligible.h"

namespace faultline::mm {

void Khugepaged::Enter(const Vma& vma) {
  if (!vma.mm->in_khugepaged && enabled() &&
      HugeAllowed(vma, ThpFor::kKhugepaged)) {
    Add(*vma.mm);
  }
}

bool Khugepaged::enabled() const {
  return system_.thp().settings.enabled != ThpEnabled::kNever;
}

void Khugepaged::Fork(AddressSpace& child, const AddressSpace& parent) {
  // Its mappings may have brought it there already.
  if (parent.in_khugepaged && !child.in_khugepaged) {
    Add(child);
  }
}

void Khugepaged::Add(AddressSpace& mm) {
  const bool was_idle = spaces_.empty();
  mm.in_khugepaged = true;
  spaces_.push_back(&mm);
  Scheduler* const scheduler = Scheduler::Active();
  if (!started_ && scheduler != nullptr && scheduler->ReserveStack()) {
    started_ = true;
    scheduler->SpawnDaemon("khugepaged", [this] { Run(); });
  }
  if (was_idle) {
    Wake();
  }
}

void Khugepaged::Exit(AddressSpace& mm) {
  if (!mm.in_khugepaged) {
    return;
  }
  mm.in_khugepaged = false;
  const auto it = std::find(spaces_.begin(), spaces_.end(), &mm);
  if (it == at_) {
    NextSlot();
  }
  spaces_.erase(it);
}

void Khugepaged::NextSlot() {
  address_ = GuestAddr(0);
  if (++at_ == spaces_.end()) {
    ++full_scans_;
  }
}

bool Khugepaged::ScanVma(AddressSpace& mm, Vma& vma, uint64_t pages,
                         uint64_t* progress, ScanResult* result, bool* locked) {
  const PagingGeometry& g = system_.arch().geometry();
  const GuestAddr start = vma.range.start.AlignUp(g.HugeBytes());
  const GuestAddr end = vma.range.end.AlignDown(g.HugeBytes());
  if (!HugeAllowed(vma, ThpFor::kKhugepaged) || address_ > end) {
    ++*progress;
    return true;
  }
  address_ = std::max(address_, start);
  while (address_ < end) {
    const GuestAddr a = address_;
    *result = vma.anonymous()
                  ? CollapseAnon(mm, vma, a, CollapseBy::kKhugepaged, locked)
                  : CollapseFile(mm, vma, a, CollapseBy::kKhugepaged, locked);
    if (*result == ScanResult::kSucceed) {
      ++pages_collapsed_;
    }
    address_ = a + g.HugeBytes();
    *progress += g.HugePages();
    if (!*locked || *progress >= pages) {
      return false;
    }
  }
  return true;
}

bool Khugepaged::ScanVmas(AddressSpace& mm, uint64_t pages, uint64_t* progress,
                          ScanResult* result, bool* locked) {
  Vma* vma = mm.vmas().FindAtOrAbove(address_);
  for (; vma != nullptr; vma = mm.vmas().Next(*vma)) {
    if (!ScanVma(mm, *vma, pages, progress, result, locked)) {
      return false;
    }
  }
  return true;
}

uint64_t Khugepaged::ScanSlot(uint64_t pages, ScanResult* result)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  *result = ScanResult::kFail;
  if (at_ == spaces_.end()) {
    at_ = spaces_.begin();
    address_ = GuestAddr(0);
  }
  // Kept alive until we are through, unless it is dying already.
  const std::shared_ptr<AddressSpace> mm = (*at_)->weak_from_this().lock();
  uint64_t progress = 0;
  bool all_done = true;
  // A lock that is taken is not waited for: on to the next space.
  if (mm != nullptr && mm->mmap_lock().ReadTryAcquire()) {
    ++progress;
    bool locked = true;
    if (!mm->thp_disabled && mm.use_count() > 1) {
      all_done = ScanVmas(*mm, pages, &progress, result, &locked);
    }
    if (locked) {
      mm->mmap_lock().ReadRelease();
    }
  }
  // Only the one that keeps it is left: as good as dead.
  if (at_ != spaces_.end() && (mm == nullptr || *at_ == mm.get()) &&
      (all_done || mm.use_count() == 1)) {
    NextSlot();
  }
  return progress;
}

void Khugepaged::ScanOnce() {
  const uint64_t pages = system_.thp().khugepaged.pages_to_scan;
  uint64_t progress = 0;
  int starts = 0;
  bool waited = false;
  while (progress < pages && has_work()) {
    if (at_ == spaces_.end() && ++starts == 2) {
      return;  // once around
    }
    ScanResult result = ScanResult::kFail;
    progress += ScanSlot(pages - progress, &result);
    if (result == ScanResult::kAllocHugePageFail) {
      if (waited) {
        return;
      }
      waited = true;
      SleepFor(system_.thp().khugepaged.alloc_sleep_ms);
    }
  }
}

void Khugepaged::SleepFor(uint64_t milliseconds) {
  Scheduler* const scheduler = Scheduler::Active();
  if (scheduler == nullptr || Scheduler::Current() == nullptr) {
    return;
  }
  // Time must pass, or the others would never run.
  const uint64_t ns = std::max<uint64_t>(milliseconds * 1'000'000, 1'000);
  (void)scheduler->Wait(wait_, Interruptible::kYes, scheduler->now() + ns);
}

void Khugepaged::Run() {
  for (;;) {
    if (has_work()) {
      ScanOnce();
      SleepFor(system_.thp().khugepaged.scan_sleep_ms);
    } else {
      (void)Scheduler::Active()->Wait(wait_, Interruptible::kYes);
    }
  }
}

}  // namespace faultline::mm
