#include "guest_mm/gup/follow_page.h"

#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/pgtable/touch.h"

namespace faultline::mm {
namespace {

// writable_file_mapping_allowed(): who writes to a file's pages for ever, and
// not through entries, writes to what the file holds to be clean.
bool LosesTrackOfDirty(const ArchOps& arch, const Vma& vma,
                       const GupFlags& flags) {
  return flags.grab == Grab::kPin && flags.longterm &&
         WantsWriteNotify(arch, vma) &&
         vma.file->mapping().kind() == Mapping::Kind::kRegular;
}

ErrnoOr<Done> CheckWrite(const ArchOps& arch, const Vma& vma,
                         const GupFlags& flags) {
  if (LosesTrackOfDirty(arch, vma, flags)) {
    return Errno::kEFAULT;
  }
  // A debugger's breakpoint is the process's own; in a shared mapping it would
  // be everybody's.
  if (!vma.has(VmaFlag::kWrite) &&
      (!flags.force || vma.has(VmaFlag::kHugeTlb) || !vma.cow())) {
    return Errno::kEFAULT;
  }
  return kDone;
}

// can_follow_write_pte(): by force also a page that was copied for that, and
// which only the mapping's rights keep from being written to.
bool CanFollowWrite(const ArchOps& arch, const Vma& vma, const Entry& e,
                    const Frame& folio, const Frame& page,
                    const GupFlags& flags) {
  if (e.write()) {
    return true;
  }
  if (!flags.force || vma.has(VmaFlag::kMayShare) ||
      !vma.has(VmaFlag::kMayWrite) || vma.has(VmaFlag::kWrite)) {
    return false;
  }
  return !e.special() && folio.use == FrameUse::kAnon && page.anon_exclusive &&
         !e.flags.has(EntryFlag::kUffdWp) &&
         (!TracksSoftDirty(arch, vma) || e.flags.has(EntryFlag::kSoftDirty));
}

// Of a folio that is mapped whole, the head's mark is every page's.
const Frame& MarkedPage(const PhysMem& phys, const EntryRef& ref, Pfn pfn) {
  return phys.frame(ref.level > 0 ? phys.HeadOf(pfn) : pfn);
}

}  // namespace

ErrnoOr<Done> CheckVmaFlags(const ArchOps& arch, const Vma& vma,
                            const GupFlags& flags) {
  if (vma.has(VmaFlag::kPfnMap)) {
    return Errno::kEFAULT;
  }
  if (flags.write) {
    return CheckWrite(arch, vma, flags);
  }
  const bool readable =
      vma.has(VmaFlag::kRead) || (flags.force && vma.has(VmaFlag::kMayRead));
  return readable ? ErrnoOr<Done>(kDone) : Errno::kEFAULT;
}

bool MustUnshare(const Frame& folio, const Frame& page, const GupFlags& flags,
                 bool cow) {
  if (flags.write || flags.grab != Grab::kPin) {
    return false;
  }
  // Others' stores are to be seen only by those who stay.
  return IsAnon(folio) ? !page.anon_exclusive : flags.longterm && cow;
}

ErrnoOr<Follow> FollowPage(AddressSpace& mm, const Vma& vma, GuestAddr a,
                           const GupFlags& flags, Pfn* page) {
  PhysMem& phys = mm.system().phys();
  const EntryRef ref = mm.page_table().Walk(a);
  const TableLock guard(mm.page_table(), ref);
  if (!guard) {
    return Follow::kFault;  // the table went: what is there now?
  }
  const Entry e = mm.page_table().Get(ref);
  if (!e.present()) {
    return Follow::kFault;
  }
  const Pfn pfn = e.pfn() + ((a - ref.address) >> mm.page_shift().value());
  const Frame& folio = phys.folio(pfn);
  const Frame& marked = MarkedPage(phys, ref, pfn);
  const ArchOps& arch = mm.system().arch();
  if (flags.write && !CanFollowWrite(arch, vma, e, folio, marked, flags)) {
    return Follow::kFault;
  }
  if (!e.write() && MustUnshare(folio, marked, flags, vma.cow())) {
    return Follow::kUnshare;
  }
  FL_TRY(GrabPage(mm.system(), pfn, flags.grab));
  if (!e.special()) {
    TouchPage(phys, pfn, e, flags.write);
  }
  *page = pfn;
  return Follow::kPage;
}

}  // namespace faultline::mm
