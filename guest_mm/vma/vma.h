#ifndef FAULTLINE_GUEST_MM_VMA_VMA_H_
#define FAULTLINE_GUEST_MM_VMA_VMA_H_

// Vma: one stretch of an address space with one set of rules. Linux: struct
// vm_area_struct. Changed only under mmap_lock for writing.

#include <cstdint>
#include <memory>
#include <string>

#include "guest_mm/base/addr.h"
#include "guest_mm/file/mapped_file.h"
#include "guest_mm/vma/vma_flags.h"

namespace faultline::mm {

class AddressSpace;
class AnonVma;

// A new field also goes into: VmaSet::CanMerge, Split, fork's copy, smaps.
class Vma {
 public:
  AddressSpace* mm = nullptr;
  GuestRange range;  // page-aligned, never empty
  VmaFlags flags;
  // Null: anonymous. A shared anonymous mapping has a shmem file.
  std::shared_ptr<MappedFile> file;
  // First page of the file mapped here. Anonymous: the page number of the
  // address it was made at, which survives mremap (Linux: vm_pgoff).
  uint64_t pgoff = 0;
  // Set by the first anonymous fault; VMAs with different ones do not merge.
  // Owned by the set of VMAs that share it.
  std::shared_ptr<AnonVma> anon_vma;
  std::string anon_name;  // PR_SET_VMA_ANON_NAME
  // "[stack]", "[heap]", "[vdso]": set where the loader made it; else null.
  const char* special_name = nullptr;

  bool anonymous() const { return file == nullptr; }
  bool shared() const { return flags.has(VmaFlag::kShared); }
  bool has(VmaFlag f) const { return flags.has(f); }
  Prot prot() const { return flags.prot(); }
  // Writes to private memory copy (is_cow_mapping()).
  bool cow() const {
    return !flags.has(VmaFlag::kShared) && flags.has(VmaFlag::kMayWrite);
  }
  // The file page, or the linear anonymous page, behind `a`.
  uint64_t PageIndex(GuestAddr a, PageShift s) const {
    return pgoff + ((a - range.start) >> s.value());
  }
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_VMA_H_
