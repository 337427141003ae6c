#include "guest_mm/uffd/mfill.h"

#include <cstring>
#include <memory>
#include <optional>

#include "guest_mm/fault/fatal_signal.h"
#include "guest_mm/hugetlb/hugetlb_file.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/uffd/copy_page.h"
#include "guest_mm/uffd/mfill_hugetlb.h"
#include "guest_mm/uffd/mfill_page.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// What a VMA was when the locks were dropped: may the page be put into what is
// there now? (Linux asks from 7.1 on.)
struct Seen {
  const UffdContext* ctx = nullptr;
  const MappedFile* file = nullptr;
  uint64_t pgoff = 0;
  VmaFlags flags;
  static Seen Of(const Vma& v, GuestAddr a, PageShift shift) {
    return {v.uffd.get(), v.file.get(), v.PageIndex(a, shift), v.flags};
  }
  friend bool operator==(const Seen&, const Seen&) = default;
};

class Filler {
 public:
  Filler(UffdContext& ctx, AddressSpace& mm, const UffdFillRequest& request)
      : ctx_(ctx), mm_(mm), phys_(mm.system().phys()), request_(request) {}
  ~Filler() {
    if (page_) {
      phys_.Put(*page_);
    }
  }
  Filler(const Filler&) = delete;
  Filler& operator=(const Filler&) = delete;

  ErrnoOr<uint64_t> Run() {
    const Errno error = FillAll();
    if (done_ == 0) {
      return error;
    }
    return done_;
  }

 private:
  // Until all is filled (kOk) or something is wrong.
  Errno FillAll() {
    for (;;) {
      const Errno error = FillLocked();
      if (!must_read_) {
        return error;
      }
      if (!ReadSource()) {
        return Errno::kEFAULT;
      }
      must_read_ = false;
      page_ready_ = true;
    }
  }

  // With no lock held. It may wait, even for another handler.
  bool ReadSource() {
    PageCount& unmapped = mm_.system().uffd().unmapped_pages;
    const PageCount mine(phys_.frame(*page_).use == FrameUse::kAnon ? 1 : 0);
    unmapped += mine;
    Scheduler::PointIfActive(kUffdUnlockedPoint);
    const bool read =
        CopyFromUser(*request_.from, source(), PageBytes(), MayFault::kYes);
    unmapped -= mine;
    return read;
  }

  Errno FillLocked() {
    ReadGuard guard(mm_.mmap_lock());
    // uffd_mfill_lock().
    Vma* const vma = mm_.vmas().Find(request_.range.start);
    if (vma == nullptr) {
      return Errno::kENOENT;
    }
    if (!vma->shared() && !PrepareAnonVma(*vma).ok()) {
      return Errno::kENOMEM;
    }
    if (request_.range.end > vma->range.end || vma->uffd == nullptr) {
      return Errno::kENOENT;
    }
    ReadGuard changing(ctx_.map_changing_lock());
    if (ctx_.mmap_changing()) {
      return Errno::kEAGAIN;
    }
    if (const Errno error = Judge(*vma); error != Errno::kOk) {
      return error;
    }
    while (at() < request_.range.end) {
      const ErrnoOr<Done> filled =
          vma->hugetlb() ? FillHuge(*vma) : FillOne(*vma);
      if (!filled.ok()) {
        return filled.error();
      }
      done_ += vma->hugetlb() ? vma->file->hugetlb()->pool().bytes()
                              : mm_.page_shift().bytes();
      if (FatalSignalPending()) {
        return Errno::kEINTR;
      }
    }
    return Errno::kOk;
  }

  Errno Judge(const Vma& vma) {
    if ((vma.anonymous() && vma.shared()) ||
        (request_.write_protect && !UffdWp(vma))) {
      return Errno::kEINVAL;
    }
    if (vma.hugetlb()) {
      return JudgeHuge(vma);
    }
    if ((!vma.anonymous() && !IsShmem(vma)) ||
        (!IsShmem(vma) && request_.kind == UffdFill::kContinue)) {
      return Errno::kEINVAL;
    }
    if (page_ready_ && phys_.frame(*page_).order > 0) {
      return Errno::kENOENT;  // it was memory in huge pages
    }
    const Seen now = Seen::Of(vma, at(), mm_.page_shift());
    const bool replaced = page_ready_ && now != seen_;
    seen_ = now;
    if (replaced && mm_.system().behaviours().uffd_copy_recheck() ==
                        UffdCopyRecheck::kRechecked) {
      return Errno::kEAGAIN;
    }
    return Errno::kOk;
  }

  // mfill_atomic_hugetlb(): whole huge pages of one size, and no page of zeros.
  Errno JudgeHuge(const Vma& vma) const {
    const HugePagePool& pool = vma.file->hugetlb()->pool();
    const uint64_t mask = pool.bytes() - 1;
    const bool aligned = (request_.range.start.value() & mask) == 0 &&
                         (request_.range.size() & mask) == 0;
    const bool of_that_size =
        !page_ready_ || phys_.frame(*page_).order == pool.order();
    return request_.kind == UffdFill::kZero || !aligned || !of_that_size
               ? Errno::kEINVAL
               : Errno::kOk;
  }

  ErrnoOr<Done> FillHuge(Vma& vma) {
    const HugeFill fill{request_.kind, FillWp(request_.write_protect), at(),
                        source(), request_.from};
    const ErrnoOr<Done> filled = FillHugePage(mm_, vma, fill, page_);
    page_ready_ = false;
    must_read_ = filled.error() == Errno::kENOENT;
    return filled;
  }

  // The tables for at(), and no huge page in their place.
  ErrnoOr<Done> MakeTables() {
    PageTable& table = mm_.page_table();
    const UffdThpAppeared rule = mm_.system().behaviours().uffd_thp_appeared();
    FL_ASSIGN(const EntryRef pmd,
              table.FindOrAllocate(at(), PagingGeometry::kHugeLevel));
    if (table.Get(pmd).present()) {
      return Errno::kEEXIST;
    }
    const ErrnoOr<EntryRef> pte = table.FindOrAllocate(at(), 0);
    if (!pte.ok()) {
      // A huge page has materialized from under us.
      return pte.error() == Errno::kEEXIST && rule == UffdThpAppeared::kEfault
                 ? Errno::kEFAULT
                 : pte.error();
    }
    Scheduler::PointIfActive(kUffdTablePoint);
    FL_TRY(StillTable(table.Get(pmd)));
    Scheduler::PointIfActive(kUffdCheckedPoint);
    return kDone;
  }

  // The second look. Since 6.11 whatever is no table counts as something that
  // is mapped; later than here, a table that goes is EAGAIN.
  ErrnoOr<Done> StillTable(const Entry& pmd) const {
    const BehaviourSet& rules = mm_.system().behaviours();
    if (pmd.none() && rules.uffd_table_gone() == UffdTableGone::kBug) {
      mm_.system().Bug("mm/userfaultfd.c: BUG_ON(pmd_none(*dst_pmd))");
    }
    if (rules.uffd_thp_appeared() == UffdThpAppeared::kEexist) {
      return pmd.is_table() ? ErrnoOr<Done>(kDone) : Errno::kEEXIST;
    }
    return pmd.present() ? ErrnoOr<Done>(Errno::kEFAULT) : kDone;
  }

  ErrnoOr<Done> FillOne(Vma& vma) {
    FL_TRY(MakeTables());
    const FillWp wp = FillWp(request_.write_protect);
    switch (request_.kind) {
      case UffdFill::kContinue:
        return FillFromCache(mm_, vma, at(), wp);
      case UffdFill::kPoison:
        return FillWithPoison(mm_, vma, at());
      case UffdFill::kZero:
        if (!vma.shared()) {
          return FillWithZeroPage(mm_, vma, at());
        }
        break;
      case UffdFill::kCopy:
        break;
    }
    FL_TRY(PreparePage(vma));
    FL_TRY(FillWithNewPage(mm_, vma, at(), *page_, wp));
    page_.reset();
    page_ready_ = false;
    return kDone;
  }

  // A page with the bytes that are to come. kENOENT with must_read_: the
  // source is not in memory, and must not be faulted in here.
  ErrnoOr<Done> PreparePage(const Vma& vma) {
    const AllocPurpose purpose =
        vma.shared() ? AllocPurpose::kPageCache : AllocPurpose::kAnon;
    if (page_ready_ && purpose == purpose_) {
      return kDone;
    }
    if (!page_ || purpose != purpose_) {
      FL_ASSIGN(const Pfn made, phys_.AllocateZeroed(purpose));
      if (page_) {  // other memory than before the locks were dropped
        std::memcpy(phys_.Data(made), phys_.Data(*page_),
                    mm_.page_shift().bytes());
        phys_.Put(*page_);
      }
      page_ = made;
      purpose_ = purpose;
    }
    if (!page_ready_ && request_.kind == UffdFill::kCopy &&
        !CopyFromUser(*request_.from, source(), PageBytes(), MayFault::kNo)) {
      must_read_ = true;
      return Errno::kENOENT;
    }
    return kDone;
  }

  GuestAddr at() const { return request_.range.start + done_; }
  GuestAddr source() const { return request_.source + done_; }
  absl::Span<std::byte> PageBytes() {
    return {phys_.Data(*page_), mm_.page_shift().bytes()
                                    << phys_.frame(*page_).order};
  }

  UffdContext& ctx_;
  AddressSpace& mm_;
  PhysMem& phys_;
  const UffdFillRequest& request_;
  uint64_t done_ = 0;
  std::optional<Pfn> page_;  // not mapped yet
  AllocPurpose purpose_ = AllocPurpose::kAnon;
  bool page_ready_ = false;  // its bytes were read with the locks dropped
  bool must_read_ = false;
  Seen seen_;
};

}  // namespace

ErrnoOr<uint64_t> UffdFillRange(UffdContext& ctx,
                                const UffdFillRequest& request) {
  const std::shared_ptr<AddressSpace> mm = ctx.mm();
  if (mm == nullptr) {
    return Errno::kESRCH;
  }
  return Filler(ctx, *mm, request).Run();
}

}  // namespace faultline::mm
