#ifndef FAULTLINE_GUEST_MM_PGTABLE_PAGE_PROT_H_
#define FAULTLINE_GUEST_MM_PGTABLE_PAGE_PROT_H_

// The flags that a VMA gives its pages. Linux: vma->vm_page_prot,
// vma_wants_writenotify(), maybe_mkwrite(), pte_mkdirty().

#include "guest_mm/arch_ops.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// What an entry says of its own page, and goes on saying while the page is in
// swap.
inline constexpr EntryFlags kKeptInSwap =
    EntryFlag::kSoftDirty | EntryFlag::kUffdWp;

// For a page that this entry may write to: a private page of our own, or a
// shared one already marked dirty.
inline EntryFlags WritablePageProt(const ArchOps& arch, const Vma& vma) {
  return arch.PageFlags(vma.prot())
      .set(EntryFlag::kMte, vma.has(VmaFlag::kMte));
}

// An entry that is to be stored to (pte_mkdirty()): soft-dirty too, where that
// is kept.
inline EntryFlags MakeDirty(const ArchOps& arch, EntryFlags flags) {
  const EntryFlags dirty = flags.with(EntryFlag::kDirty);
  return arch.geometry().soft_dirty ? dirty.with(EntryFlag::kSoftDirty) : dirty;
}

// For a page that a store has brought here.
inline EntryFlags StoredPageProt(const ArchOps& arch, const Vma& vma) {
  return MakeDirty(arch, WritablePageProt(arch, vma).with(EntryFlag::kYoung));
}

// Stores in `vma` are watched since clear_refs: the first one to each page
// must fault (vma_soft_dirty_enabled()).
inline bool TracksSoftDirty(const ArchOps& arch, const Vma& vma) {
  return arch.geometry().soft_dirty && !vma.has(VmaFlag::kSoftDirty);
}

// True if the first store through an entry must fault, so that the page is
// marked dirty before the data changes: shared mappings of real files, and
// watched ones.
inline bool WantsWriteNotify(const ArchOps& arch, const Vma& vma) {
  return vma.shared() && vma.file != nullptr &&
         (TracksSoftDirty(arch, vma) || vma.has(VmaFlag::kUffdWp) ||
          vma.file->mapping().kind() == Mapping::Kind::kRegular);
}

// For a page as it is mapped on a read: stores fault unless the VMA is shared
// and needs no notice of them.
inline EntryFlags PageProt(const ArchOps& arch, const Vma& vma) {
  const EntryFlags flags = WritablePageProt(arch, vma);
  return vma.shared() && !WantsWriteNotify(arch, vma)
             ? flags
             : flags.without(EntryFlag::kWrite);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_PAGE_PROT_H_
