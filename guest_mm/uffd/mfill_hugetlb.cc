#include "guest_mm/uffd/mfill_hugetlb.h"

#include <cstring>
#include <utility>

#include "guest_mm/hugetlb/range_locks.h"
#include "guest_mm/hugetlb/rmap.h"
#include "guest_mm/uffd/copy_page.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

bool NoneOrMarker(const Entry& e) {
  return e.none() || e.kind == EntryKind::kMarker;
}

class HugePageFiller {
 public:
  HugePageFiller(AddressSpace& mm, Vma& vma, const HugeFill& fill,
                 std::optional<Pfn>& bytes)
      : mm_(mm),
        phys_(mm.system().phys()),
        table_(mm.page_table()),
        vma_(vma),
        file_(*vma.file->hugetlb()),
        fill_(fill),
        index_(HugeIndex(vma, fill.at)),
        bytes_(bytes) {}

  // With the page's locks held.
  ErrnoOr<Done> Fill() {
    FL_ASSIGN(entry_, table_.FindOrAllocate(fill_.at, file_.pool().level()));
    if (fill_.kind != UffdFill::kContinue &&
        !NoneOrMarker(table_.Get(entry_))) {
      return Errno::kEEXIST;
    }
    switch (fill_.kind) {
      case UffdFill::kPoison:
        return Poison();
      case UffdFill::kContinue:
        return Continue();
      case UffdFill::kCopy:
      case UffdFill::kZero:
        break;
    }
    return Copy();
  }

 private:
  HugePageClaim Claim() const { return HugePageClaim::Of(vma_, fill_.at); }

  // Not even a marker is overwritten.
  ErrnoOr<Done> Poison() {
    LockGuard guard(table_.LockOf(entry_));
    if (!table_.Get(entry_).none()) {
      return Errno::kEEXIST;
    }
    table_.Set(entry_, Entry::Marker(kMarkerPoison));
    return kDone;
  }

  ErrnoOr<Done> Continue() {
    const std::optional<Pfn> page = file_.Find(index_);
    if (!page) {
      return Errno::kEFAULT;
    }
    phys_.Get(*page);
    ErrnoOr<Done> mapped = kDone;
    {
      LockGuard lock(phys_.frame(*page).lock);
      mapped = Map(*page, /*in_file=*/true);
    }
    if (!mapped.ok()) {
      phys_.Put(*page);  // else it is the entry's
    }
    return mapped;
  }

  ErrnoOr<Done> Copy() {
    if (vma_.shared() && file_.Find(index_).has_value()) {
      return Errno::kEEXIST;
    }
    const ErrnoOr<Pfn> got = AllocateHugePage(phys_, Claim(), Reserves::kUse);
    if (!got.ok()) {
      return mm_.system().behaviours().uffd_empty_pool() ==
                     UffdEmptyPool::kEexist
                 ? Errno::kEEXIST
                 : Errno::kENOMEM;
    }
    const Pfn page = *got;
    if (bytes_.has_value()) {
      std::memcpy(phys_.Data(page), phys_.Data(*bytes_), file_.pool().bytes());
    } else if (!CopyFromUser(*fill_.from, fill_.source,
                             {phys_.Data(page), file_.pool().bytes()},
                             MayFault::kNo)) {
      GiveBack(page);
      FL_ASSIGN(bytes_, TemporaryPage());
      return Errno::kENOENT;
    }
    phys_.frame(page).uptodate = true;
    return vma_.shared() ? MapInFile(page) : MapPrivate(page);
  }

  // Nobody's: alloc_hugetlb_folio_vma() takes a page that is promised to no
  // one, or one that the pool never knows of.
  ErrnoOr<Pfn> TemporaryPage() {
    const std::optional<Pfn> pooled =
        file_.pool().Take(HugePagePool::For::kAnyone);
    return pooled ? ErrnoOr<Pfn>(*pooled)
                  : phys_.Allocate(AllocPurpose::kAnon, file_.pool().order());
  }

  void GiveBack(Pfn page) {
    RestoreReserveOnError(phys_, Claim(), page);
    phys_.Put(page);
  }

  ErrnoOr<Done> MapPrivate(Pfn page) {
    const ErrnoOr<Done> mapped = Map(page, /*in_file=*/false);
    if (!mapped.ok()) {
      GiveBack(page);
    }
    return mapped;
  }

  // Into the file first. If the entry cannot be set then, the file keeps it.
  ErrnoOr<Done> MapInFile(Pfn page) {
    if (index_ >= file_.size() >> file_.pool().shift()) {
      GiveBack(page);
      return Errno::kEFAULT;
    }
    ErrnoOr<Done> mapped = kDone;
    {
      LockGuard lock(phys_.frame(page).lock);
      file_.Insert(index_, page);
      mapped = Map(page, /*in_file=*/true);
    }
    if (!mapped.ok()) {
      phys_.Put(page);
    }
    return mapped;
  }

  // On success the caller's reference is the entry's.
  ErrnoOr<Done> Map(Pfn page, bool in_file) {
    Frame& folio = phys_.frame(page);
    LockGuard guard(table_.LockOf(entry_));
    if (folio.hw_poisoned) {
      return Errno::kEIO;
    }
    if (!NoneOrMarker(table_.Get(entry_))) {
      return Errno::kEEXIST;
    }
    if (in_file) {
      AddHugetlbRmap(mm_, folio);
    } else {
      AddNewAnonHugetlbRmap(vma_, fill_.at, folio);
    }
    table_.Set(entry_, Entry::Page(page, Rights()));
    return kDone;
  }

  // Dirty, whatever it is: the bytes are not taken for the file's. A page of a
  // file must be copied before private memory writes to it.
  EntryFlags Rights() const {
    const bool keep_from_stores =
        fill_.wp == FillWp::kYes ||
        (fill_.kind == UffdFill::kContinue && !vma_.shared());
    return mm_.system()
        .arch()
        .PageFlags(vma_.prot())
        .with(EntryFlag::kYoung)
        .with(EntryFlag::kDirty)
        .set(EntryFlag::kWrite, vma_.has(VmaFlag::kWrite) && !keep_from_stores)
        .set(EntryFlag::kUffdWp, fill_.wp == FillWp::kYes);
  }

  AddressSpace& mm_;
  PhysMem& phys_;
  PageTable& table_;
  Vma& vma_;
  HugetlbFile& file_;
  const HugeFill& fill_;
  const uint64_t index_;
  std::optional<Pfn>& bytes_;
  EntryRef entry_{};
};

}  // namespace

ErrnoOr<Done> FillHugePage(AddressSpace& mm, Vma& vma, const HugeFill& fill,
                           std::optional<Pfn>& bytes) {
  const std::optional<Pfn> brought = bytes;
  ErrnoOr<Done> filled = kDone;
  {
    const HugetlbPageLocks locks(vma, HugeIndex(vma, fill.at));
    filled = HugePageFiller(mm, vma, fill, bytes).Fill();
  }
  if (brought.has_value()) {
    mm.system().phys().Put(*brought);
    bytes.reset();
  }
  return filled;
}

}  // namespace faultline::mm
