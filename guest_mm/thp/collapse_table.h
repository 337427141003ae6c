#ifndef FAULTLINE_GUEST_MM_THP_COLLAPSE_TABLE_H_
#define FAULTLINE_GUEST_MM_THP_COLLAPSE_TABLE_H_

// A full table of base-page entries as a collapse sees it: whether they may
// become one huge page, and the pages they hold. Linux 6.12: the loop of
// hpage_collapse_scan_pmd(), __collapse_huge_page_isolate() and ..._copy().

#include <vector>

#include "absl/container/flat_hash_set.h"
#include "guest_mm/thp/collapse.h"

namespace faultline::mm {

class CollapseTable {
 public:
  // `table` holds the entries from `a` on; in the tree or taken out of it.
  CollapseTable(AddressSpace& mm, Vma& vma, GuestAddr a, Pfn table,
                CollapseBy by);

  // The table's own lock is held in all of these but Copy().
  Lock& lock() const;

  // The first look, which changes nothing.
  ScanResult Scan();
  // Of the last look: entries of pages that are not in memory.
  uint64_t absent() const { return absent_; }
  // The second: also locks every page. On failure none stays locked.
  ScanResult Isolate();
  void Unlock();  // after Isolate(); the table's lock is not needed
  // Fills `huge` with the pages' contents, zeros where there are none.
  void Copy(Pfn huge) const;
  // Clears the entries. The pages' references are kept in the object, and
  // dropped by PutPages(), which needs no lock.
  void Clear();
  void PutPages();

 private:
  enum class Look : uint8_t { kScan, kIsolate };
  ScanResult LookAt(Look look);
  // One entry's part in LookAt(): kSucceed to go on.
  ScanResult LookAtEntry(const Entry& e, Look look);
  ScanResult LookAtAbsent(const Entry& e, Look look);
  ScanResult LookAtPage(Pfn pfn, Look look);
  bool TooMany(uint64_t found, uint64_t limit) const;
  Entry EntryAt(uint64_t i) const;

  AddressSpace& mm_;
  Vma& vma_;
  GuestAddr address_;
  Pfn table_;
  CollapseBy by_;
  uint64_t entries_;
  // Of the last look.
  uint64_t none_or_zero_ = 0, absent_ = 0, shared_ = 0, referenced_ = 0;
  bool writable_ = false;
  // Heads of the folios we hold locked; those of several pages, which need
  // not be neighbours here, are looked up.
  std::vector<Pfn> locked_;
  absl::flat_hash_set<Pfn> large_locked_;
  std::vector<Pfn> gone_;  // pages whose entries' references are ours
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_COLLAPSE_TABLE_H_
