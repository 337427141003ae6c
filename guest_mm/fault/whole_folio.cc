#include "guest_mm/fault/whole_folio.h"

#include "guest_mm/fault/file_page.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/thp/eligible.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

FileFaultMaps Rule(const VmFault& f) {
  return f.mm.system().behaviours().file_fault_maps();
}

bool FaultMapsFolio(const VmFault& f, const Frame& folio) {
  if (folio.order == 0 || !IsShmem(f.vma) || UffdArmed(f.vma) ||
      !HugeFits(f.vma, f.address)) {
    return false;
  }
  return Rule(f) == FileFaultMaps::kFolio ||
         (Rule(f) == FileFaultMaps::kUnnamedShmem && f.vma.file->unnamed());
}

}  // namespace

bool AroundMayMapFolio(const VmFault& f) {
  return Rule(f) == FileFaultMaps::kFolio;
}

bool AroundMapsFolio(const VmFault& f, Pfn pfn) {
  const Frame& folio = f.phys().folio(pfn);
  if (folio.order == 0 || !AroundMayMapFolio(f) ||
      !HugeFits(f.vma, f.address)) {
    return false;
  }
  const uint64_t end = (folio.index + (uint64_t{1} << folio.order))
                       << f.mm.page_shift().value();
  return IsShmem(f.vma) || end <= f.vma.file->mapping().size();
}

bool MapWholeFolio(VmFault& f, Pfn pfn, EntryFlags flags) {
  const Frame& folio = f.phys().folio(pfn);
  if (!FaultMapsFolio(f, folio)) {
    return false;
  }
  const Pfn head = f.phys().HeadOf(pfn);
  const uint64_t before = pfn - head;
  const uint64_t pages = uint64_t{1} << folio.order;
  const uint64_t bytes = f.mm.page_shift().bytes();
  EntryRef first = f.entry;
  first.word -= before;
  first.address = f.address - before * bytes;
  for (uint64_t i = 0; i < pages; ++i) {
    if (first.word[i] != 0) {
      return false;
    }
  }
  for (uint64_t i = 0; i < pages; ++i) {
    const EntryRef entry{first.level, first.table, first.word + i,
                         first.address + i * bytes};
    SetFileEntry(f, entry, head + i, flags.with(EntryFlag::kYoung));
  }
  return true;
}

}  // namespace faultline::mm
