#ifndef FAULTLINE_GUEST_MM_VMA_VMA_H_
#define FAULTLINE_GUEST_MM_VMA_VMA_H_

// Vma: one stretch of an address space with one set of rules. Linux: struct
// vm_area_struct. Changed only under mmap_lock for writing.

#include <cstdint>
#include <memory>
#include <string>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/file/mapped_file.h"
#include "guest_mm/phys/slab.h"
#include "guest_mm/vma/vma_flags.h"

namespace faultline::mm {

class AddressSpace;
class AnonVma;
class AnonVmaChain;
struct HugetlbShare;
class UffdContext;

class Vma;

// A VMA's place in its VmaTree and in its AnonVmaChain. Copying a VMA copies
// its rules, not its place.
struct VmaLinks {
  VmaLinks() = default;
  VmaLinks(const VmaLinks&) {}
  VmaLinks& operator=(const VmaLinks& o) = default;

  Vma* parent = nullptr;
  Vma* left = nullptr;
  Vma* right = nullptr;
  Vma* prev = nullptr;
  Vma* next = nullptr;
  uint64_t gap = 0;      // free bytes just below
  uint64_t max_gap = 0;  // the largest gap in the subtree
  int height = 0;
  AnonVmaChain* chain = nullptr;  // where it is filed (AnonVma::Link())
};

// What a VMA has paid for itself. A copy has paid nothing.
struct VmaCharge {
  VmaCharge() = default;
  VmaCharge(const VmaCharge&) {}
  VmaCharge& operator=(const VmaCharge&) = delete;

  Slab::Charge charge;
};

// A new field also goes into: SameRules() in vma_merge.cc, fork's copy, smaps.
class Vma {
 public:
  Vma() = default;
  Vma(const Vma&) = default;
  Vma& operator=(const Vma&) = delete;

  AddressSpace* mm = nullptr;
  GuestRange range;  // page-aligned, never empty
  VmaFlags flags;
  // Null: anonymous. A shared anonymous mapping has a shmem file.
  std::shared_ptr<MappedFile> file;
  // /dev/zero, if that is what was mapped to make this private memory.
  std::shared_ptr<MappedFile> zero_device;
  // First page of the file mapped here. Anonymous: the page number of the
  // address it was made at, which survives mremap (Linux: vm_pgoff).
  uint64_t pgoff = 0;
  // Set by the first anonymous fault; VMAs with different ones do not merge.
  // Holds the whole chain of those that the VMA's pages may point to. Of a VMA
  // in a VmaSet it changes only by PrepareAnonVma() and VmaSet::SetAnonVma().
  std::shared_ptr<AnonVma> anon_vma;
  // kHugeTlb: what it has in common with those it was split from. Null: a
  // private mapping in a child, which has nothing reserved.
  std::shared_ptr<HugetlbShare> hugetlb_share;
  // A page was taken from it for the parent's sake: what it held is lost
  // (HPAGE_RESV_UNMAPPED).
  bool hugetlb_unmapped = false;
  std::string anon_name;  // PR_SET_VMA_ANON_NAME
  // Who is told of faults here; null: nobody. Invariant: there is one if and
  // only if one of kUffdMissing, kUffdWp, kUffdMinor is set.
  std::shared_ptr<UffdContext> uffd;
  // "[vdso]" and its like, for which no file or rule gives a name; else null.
  // ([heap] and [stack] are told by the addresses in AddressSpace.)
  const char* special_name = nullptr;

  bool anonymous() const { return file == nullptr; }
  // What names it, or null: of anonymous memory too (Linux: vm_file).
  const MappedFile* named_file() const {
    return file != nullptr ? file.get() : zero_device.get();
  }
  // is_vm_hugetlb_page(): a matter of guest_mm/hugetlb.
  bool hugetlb() const { return flags.has(VmaFlag::kHugeTlb); }
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

  // It is filed where its pages' entries are looked for, if it has any.
  bool filed() const;

 private:
  friend class AnonVma;
  friend class VmaTree;
  friend ErrnoOr<std::unique_ptr<Vma>> NewVmaLike(AddressSpace& mm,
                                                  const Vma& v);
  VmaLinks links_;
  VmaCharge paid_;
};

// A VMA for `mm`, not in it yet, paid for from the machine's memory
// (vm_area_alloc()); like `v` (vm_area_dup()). kENOMEM. Schedule points.
ErrnoOr<std::unique_ptr<Vma>> NewVma(AddressSpace& mm);
ErrnoOr<std::unique_ptr<Vma>> NewVmaLike(AddressSpace& mm, const Vma& v);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_VMA_H_
