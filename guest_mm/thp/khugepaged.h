#ifndef FAULTLINE_GUEST_MM_THP_KHUGEPAGED_H_
#define FAULTLINE_GUEST_MM_THP_KHUGEPAGED_H_

// Khugepaged: the kernel thread that looks for memory to make huge, space by
// space, some pages at a time, sleeping in between. Linux 6.12:
// mm/khugepaged.c khugepaged(), khugepaged_do_scan(),
// khugepaged_scan_mm_slot().
//
// The actor is a daemon of the scheduler's, made when the first space comes on
// the list: a machine without huge pages is scheduled as if there were none.
//
// A space comes on the list when it first has memory that may be huge
// (__khugepaged_enter()) and leaves it when it dies. The place of the scan is
// a space and an address in it, kept from one round to the next.

#include <list>
#include <memory>

#include "guest_mm/sync/wait_queue.h"
#include "guest_mm/thp/collapse.h"

namespace faultline::mm {

class AddressSpace;
class MemoryManager;
class Vma;

class Khugepaged {
 public:
  explicit Khugepaged(MemoryManager& system) : system_(system) {}

  // The actor's body; never returns. Scans and sleeps by the knobs.
  [[noreturn]] void Run();
  // One round: up to pages_to_scan pages, or once around the list
  // (khugepaged_do_scan()). Called by Run(), and by tests.
  void ScanOnce();

  // khugepaged_enter_vma(): puts the space of `vma` on the list if it is not
  // there and the VMA may have huge pages.
  void Enter(const Vma& vma);
  // fork: the child of a space on the list is put on it, too.
  void Fork(AddressSpace& child, const AddressSpace& parent);
  // The space dies.
  void Exit(AddressSpace& mm);
  // A knob was written: sleep no longer than it says now.
  void Wake() { wait_.WakeAll(); }

  // What /sys shows: huge pages made, and times once around the list.
  uint64_t pages_collapsed() const { return pages_collapsed_; }
  uint64_t full_scans() const { return full_scans_; }
  // How many spaces are on the list.
  size_t spaces() const { return spaces_.size(); }

 private:
  using List = std::list<AddressSpace*>;

  bool enabled() const;
  bool has_work() const { return enabled() && !spaces_.empty(); }
  void Add(AddressSpace& mm);
  // Returns the progress in pages; `*result` is that of the last scan.
  uint64_t ScanSlot(uint64_t pages, ScanResult* result);
  // The VMAs of `mm` from address_ on. True if all were looked at.
  bool ScanVmas(AddressSpace& mm, uint64_t pages, uint64_t* progress,
                ScanResult* result, bool* locked);
  bool ScanVma(AddressSpace& mm, Vma& vma, uint64_t pages, uint64_t* progress,
               ScanResult* result, bool* locked);
  // On to the next space; after the last a full scan is done.
  void NextSlot();
  void SleepFor(uint64_t milliseconds);

  MemoryManager& system_;
  bool started_ = false;  // the actor, when there was something to do first
  uint64_t pages_collapsed_ = 0;
  uint64_t full_scans_ = 0;
  List spaces_;
  List::iterator at_ = spaces_.end();  // end: start over
  GuestAddr address_;
  WaitQueue wait_{"khugepaged.wait"};
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_KHUGEPAGED_H_
