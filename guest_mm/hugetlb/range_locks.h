#ifndef FAULTLINE_GUEST_MM_HUGETLB_RANGE_LOCKS_H_
#define FAULTLINE_GUEST_MM_HUGETLB_RANGE_LOCKS_H_

// The locks that whoever is at work in a hugetlb VMA holds.

#include "guest_mm/hugetlb/reservation.h"

namespace faultline::mm {

// For a range: the VMA's lock for writing, if it has one, and that of the
// file's VMAs (hugetlb_change_protection() and its kin).
class HugetlbRangeLocks {
 public:
  explicit HugetlbRangeLocks(Vma& vma) ABSL_NO_THREAD_SAFETY_ANALYSIS
      : vma_(vma) {
    if (vma_.hugetlb_share != nullptr) {
      vma_.hugetlb_share->lock.WriteAcquire();
    }
    vma_.file->mapping().i_mmap_lock().Acquire();
  }
  ~HugetlbRangeLocks() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    vma_.file->mapping().i_mmap_lock().Release();
    if (vma_.hugetlb_share != nullptr) {
      vma_.hugetlb_share->lock.WriteRelease();
    }
  }
  HugetlbRangeLocks(const HugetlbRangeLocks&) = delete;
  HugetlbRangeLocks& operator=(const HugetlbRangeLocks&) = delete;

 private:
  Vma& vma_;
};

// For one page of the file: its fault mutex, and the VMA's lock for reading.
class HugetlbPageLocks {
 public:
  HugetlbPageLocks(Vma& vma, uint64_t index) ABSL_NO_THREAD_SAFETY_ANALYSIS
      : vma_(vma),
        mutex_(vma.file->hugetlb()->FaultMutex(index)) {
    mutex_.Acquire();
    if (vma_.hugetlb_share != nullptr) {
      vma_.hugetlb_share->lock.ReadAcquire();
    }
  }
  ~HugetlbPageLocks() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (vma_.hugetlb_share != nullptr) {
      vma_.hugetlb_share->lock.ReadRelease();
    }
    mutex_.Release();
  }
  HugetlbPageLocks(const HugetlbPageLocks&) = delete;
  HugetlbPageLocks& operator=(const HugetlbPageLocks&) = delete;

 private:
  Vma& vma_;
  Lock& mutex_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_RANGE_LOCKS_H_
