#ifndef FAULTLINE_GUEST_MM_PGTABLE_PAGE_PROT_H_
#define FAULTLINE_GUEST_MM_PGTABLE_PAGE_PROT_H_

// The flags that a VMA gives its pages. Linux: vma->vm_page_prot,
// vma_wants_writenotify(), maybe_mkwrite().

#include "guest_mm/arch_ops.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// For a page that this entry may write to: a private page of our own, or a
// shared one already marked dirty.
inline EntryFlags WritablePageProt(const ArchOps& arch, const Vma& vma) {
  return arch.PageFlags(vma.prot())
      .set(EntryFlag::kMte, vma.has(VmaFlag::kMte));
}

// True if the first store through an entry must fault, so that the page is
// marked dirty before the data changes: shared mappings of real files.
inline bool WantsWriteNotify(const Vma& vma) {
  return vma.shared() && vma.file != nullptr &&
         vma.file->mapping().kind() == Mapping::Kind::kRegular;
}

// For a page as it is mapped on a read: stores fault unless the VMA is shared
// and needs no notice of them.
inline EntryFlags PageProt(const ArchOps& arch, const Vma& vma) {
  const EntryFlags flags = WritablePageProt(arch, vma);
  return vma.shared() && !WantsWriteNotify(vma)
             ? flags
             : flags.without(EntryFlag::kWrite);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_PAGE_PROT_H_
