#ifndef FAULTLINE_GUEST_MM_PGTABLE_TABLE_LOCK_H_
#define FAULTLINE_GUEST_MM_PGTABLE_TABLE_LOCK_H_

// TableLock: the lock of a table that may be taken out of the tree before we
// have it. Linux: pte_offset_map_lock().
//
// A collapse of a file's pages takes tables of base entries away under i_mmap
// and the locks of the tables, without mmap_lock. Who has found an entry holds
// on to its table (Linux: RCU), locks it, and asks whether the tree still leads
// to it. If not, the entry says nothing, and the way down must be looked for
// again: there may be a huge page now, another table, or nothing.

#include "guest_mm/pgtable/page_table.h"

namespace faultline::mm {

// The table is to be found gone, though it is not.
inline constexpr FailSite kTableGoneSite{
    "table.gone", "a page table is gone when its lock has been taken"};

// Whether the tree still leads to the entry, whose table is locked.
inline bool StillInTree(const PageTable& table, const EntryRef& r) {
  return table.InTree(r) && !MayFail(kTableGoneSite, r.address.value());
}

// Keeps a table's frame from being used for something else.
class TablePin {
 public:
  TablePin(const PageTable& table, Pfn pfn) : phys_(table.phys()), pfn_(pfn) {
    phys_.Get(pfn_);
  }
  ~TablePin() { phys_.Put(pfn_); }
  TablePin(const TablePin&) = delete;
  TablePin& operator=(const TablePin&) = delete;

 private:
  PhysMem& phys_;
  Pfn pfn_;
};

// No point may have been passed since `r` was found.
class TableLock {
 public:
  TableLock(const PageTable& table,
            const EntryRef& r) ABSL_NO_THREAD_SAFETY_ANALYSIS
      : pin_(table, r.table),
        lock_(table.LockOf(r)) {
    lock_.Acquire();
    held_ = StillInTree(table, r);
    if (!held_) {
      lock_.Release();
    }
  }
  ~TableLock() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (held_) {
      lock_.Release();
    }
  }
  // The lock is held; else the table is gone.
  explicit operator bool() const { return held_; }

 private:
  TablePin pin_;
  Lock& lock_;
  bool held_;
};

// The locks of two tables, which may be one. Linux: double_pt_lock(). Who may
// meet others that hold two of the same space takes them in the order of the
// frames; with mmap_lock held for writing nobody else can.
class TwoTableLocks {
 public:
  TwoTableLocks(Lock& first, Lock& second) ABSL_NO_THREAD_SAFETY_ANALYSIS
      : first_(first),
        second_(second) {
    first_.Acquire();
    if (&second_ != &first_) {
      second_.Acquire();
    }
  }
  ~TwoTableLocks() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (&second_ != &first_) {
      second_.Release();
    }
    first_.Release();
  }
  TwoTableLocks(const TwoTableLocks&) = delete;
  TwoTableLocks& operator=(const TwoTableLocks&) = delete;

 private:
  Lock& first_;
  Lock& second_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_TABLE_LOCK_H_
