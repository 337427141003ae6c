#include "guest_mm/uffd/mfill_page.h"

#include <optional>

#include "absl/functional/function_ref.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

uint64_t EndIndex(const AddressSpace& mm, const Vma& vma) {
  return PageCount::ToHold(vma.file->mapping().size(), mm.page_shift()).value();
}

// mfill_file_over_size(). A private mapping of /dev/zero is anonymous memory,
// but it has a file, and that is empty.
bool BeyondEnd(const AddressSpace& mm, const Vma& vma, GuestAddr a) {
  if (vma.zero_device != nullptr) {
    return true;
  }
  return vma.file != nullptr &&
         vma.PageIndex(a, mm.page_shift()) >= EndIndex(mm, vma);
}

// What may be in the way: nothing, or a marker too (pte_none_mostly()).
enum class Over : uint8_t { kNothing, kMarkers };

// pte_offset_map_lock() failed. The first draft took it for a fault of the
// caller's.
Errno TableGone(const AddressSpace& mm) {
  return mm.system().behaviours().uffd_table_gone() == UffdTableGone::kEfault
             ? Errno::kEFAULT
             : Errno::kEAGAIN;
}

// Sets the entry for `a` under its lock: to what `make` says, which may count
// the page in on the way. kEAGAIN: the table has gone, or a huge page has come
// (pte_offset_map_lock() failed).
ErrnoOr<Done> Install(AddressSpace& mm, Vma& vma, GuestAddr a, Over over,
                      absl::FunctionRef<Entry()> make) {
  PageTable& table = mm.page_table();
  const EntryRef ref = table.Find(a, 0);
  if (!ref) {
    return TableGone(mm);
  }
  const TableLock lock(table, ref);
  if (!lock) {
    return TableGone(mm);
  }
  if (BeyondEnd(mm, vma, a)) {
    return Errno::kEFAULT;
  }
  const Entry before = table.Get(ref);
  if (!before.none() &&
      (over == Over::kNothing || before.kind != EntryKind::kMarker)) {
    return Errno::kEEXIST;
  }
  table.Set(ref, make());
  return kDone;
}

// The flags that mfill_atomic_install_pte() gives: dirty, so that the bytes are
// not taken for the file's.
EntryFlags FlagsFor(const AddressSpace& mm, const Vma& vma, bool may_write,
                    FillWp wp) {
  const EntryFlags flags = StoredPageProt(mm.system().arch(), vma);
  if (wp == FillWp::kYes) {
    return flags.with(EntryFlag::kUffdWp).without(EntryFlag::kWrite);
  }
  return may_write ? flags : flags.without(EntryFlag::kWrite);
}

// A page that the cache has; a private mapping must copy it before it writes.
ErrnoOr<Done> InstallCached(AddressSpace& mm, Vma& vma, GuestAddr a, Pfn page,
                            FillWp wp) {
  return Install(mm, vma, a, Over::kMarkers, [&] {
    mm.system().phys().Get(page);
    AddFileRmap(mm, page);
    MlockVmaPage(vma, page);
    return Entry::Page(page, FlagsFor(mm, vma, vma.shared(), wp));
  });
}

// shmem_mfill_atomic_pte(): first into the file, then into the table; out of
// the file again if that fails. The page is locked in between, so nobody maps
// it.
ErrnoOr<Done> InstallInFile(AddressSpace& mm, Vma& vma, GuestAddr a, Pfn page,
                            FillWp wp) {
  Mapping& mapping = vma.file->mapping();
  Frame& frame = mm.system().phys().frame(page);
  LockGuard lock(frame.lock);
  if (BeyondEnd(mm, vma, a)) {
    return Errno::kEFAULT;
  }
  FL_TRY(mapping.AddNewPage(vma.PageIndex(a, mm.page_shift()), page));
  const ErrnoOr<Done> mapped = InstallCached(mm, vma, a, page, wp);
  if (!mapped.ok()) {
    mapping.RemoveNewPage(page);
  }
  return mapped;
}

}  // namespace

ErrnoOr<Done> FillWithNewPage(AddressSpace& mm, Vma& vma, GuestAddr a, Pfn page,
                              FillWp wp) {
  if (vma.shared()) {
    FL_TRY(InstallInFile(mm, vma, a, page, wp));
    mm.system().phys().Put(page);  // entry and cache have their own
    return kDone;
  }
  return Install(mm, vma, a, Over::kMarkers, [&] {
    AddNewAnonRmap(mm, vma, a, page);
    return Entry::Page(page, FlagsFor(mm, vma, /*may_write=*/true, wp));
  });
}

ErrnoOr<Done> FillWithZeroPage(AddressSpace& mm, Vma& vma, GuestAddr a) {
  return Install(mm, vma, a, Over::kNothing, [&] {
    return Entry::Page(mm.system().zero_page(),
                       PageProt(mm.system().arch(), vma)
                           .with(EntryFlag::kSpecial)
                           .with(EntryFlag::kYoung));
  });
}

ErrnoOr<Done> FillFromCache(AddressSpace& mm, Vma& vma, GuestAddr a,
                            FillWp wp) {
  Mapping& mapping = vma.file->mapping();
  const uint64_t index = vma.PageIndex(a, mm.page_shift());
  if (index >= EndIndex(mm, vma)) {
    return Errno::kEINVAL;
  }
  PhysMem& phys = mm.system().phys();
  // Until the page is still the file's once it is locked: a collapse may have
  // put another one in its place (shmem_get_folio_gfp()).
  while (mapping.Find(index) != nullptr || mapping.SwapSlotOf(index)) {
    FL_ASSIGN(const Pfn page, mapping.FindOrCreate(index));
    std::optional<ErrnoOr<Done>> filled;
    {
      Frame& folio = phys.folio(page);
      LockGuard lock(folio.lock);
      if (phys.frame(page).hw_poisoned) {
        filled = Errno::kEIO;
      } else if (folio.mapping == &mapping) {
        filled = InstallCached(mm, vma, a, page, wp);
      }
    }
    phys.Put(page);
    if (filled.has_value()) {
      return *filled;
    }
  }
  return Errno::kEFAULT;
}

ErrnoOr<Done> FillWithPoison(AddressSpace& mm, Vma& vma, GuestAddr a) {
  return Install(mm, vma, a, Over::kNothing,
                 [] { return Entry::Marker(kMarkerPoison); });
}

}  // namespace faultline::mm
