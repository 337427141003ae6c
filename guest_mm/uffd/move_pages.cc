#include "guest_mm/uffd/move_pages.h"

#include <memory>

#include "guest_mm/fault/fatal_signal.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/uffd/move_page.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

constexpr VmaFlags kNeverMoved =
    VmaFlag::kPfnMap | VmaFlag::kIo | VmaFlags(VmaFlag::kHugeTlb);

// validate_move_areas().
bool Alike(const UffdContext& ctx, const Vma& from, const Vma& to) {
  return from.prot() == to.prot() &&
         from.has(VmaFlag::kMte) == to.has(VmaFlag::kMte) &&
         from.has(VmaFlag::kLocked) == to.has(VmaFlag::kLocked) &&
         from.has(VmaFlag::kWrite) && !from.flags.any(kNeverMoved) &&
         !to.flags.any(kNeverMoved) && to.uffd.get() == &ctx &&
         from.anonymous() && to.anonymous();
}

class PageMover {
 public:
  PageMover(AddressSpace& mm, Vma& from_vma, Vma& to_vma, SourceHoles holes)
      : mm_(mm),
        table_(mm.page_table()),
        geometry_(mm.system().arch().geometry()),
        from_vma_(from_vma),
        to_vma_(to_vma),
        holes_(holes) {}

  ErrnoOr<uint64_t> Run(GuestAddr to, GuestRange from) {
    uint64_t moved = 0;
    while (moved < from.size()) {
      uint64_t step = 0;
      Errno error = MoveOne({mm_, from_vma_, to_vma_, from.start + moved,
                             to + moved, holes_},
                            from.end, &step)
                        .error();
      if (FatalSignalPending() &&
          (error == Errno::kOk || error == Errno::kEAGAIN)) {
        error = Errno::kEINTR;
        moved += step;
      }
      if (error == Errno::kEAGAIN) {
        if (Scheduler::Current() != nullptr) {
          Scheduler::Active()->GoRound(kUffdMoveAgainPoint);
        }
        continue;
      }
      if (error != Errno::kOk) {
        return moved == 0 ? ErrnoOr<uint64_t>(error) : moved;
      }
      moved += step;
    }
    return moved;
  }

 private:
  // One page, base or huge; `*step` is how far it went.
  ErrnoOr<Done> MoveOne(const PageMove& move, GuestAddr end, uint64_t* step) {
    constexpr int kHuge = PagingGeometry::kHugeLevel;
    EntryRef from = table_.Find(move.from, kHuge);
    if (!from && holes_ == SourceHoles::kRefused) {
      return Errno::kENOENT;
    }
    if (!from) {
      FL_ASSIGN(from, table_.FindOrAllocate(move.from, kHuge));
    }
    FL_ASSIGN(const EntryRef to, table_.FindOrAllocate(move.to, kHuge));
    const Entry target = table_.Get(to);
    if (target.present()) {
      return Errno::kEEXIST;
    }
    const Entry source = table_.Get(from);
    if (source.present()) {
      if (MustSplit(move, end) || !target.none()) {
        return SplitSource(source, move);
      }
      FL_TRY(MoveHugePage(move));
      *step = geometry_.HugeBytes();
      return kDone;
    }
    if (source.none() && holes_ == SourceHoles::kRefused) {
      return Errno::kENOENT;
    }
    FL_TRY(MakeTable(move.from));
    FL_TRY(MakeTable(move.to));
    FL_TRY(MovePage(move));
    *step = geometry_.page_shift.bytes();
    return kDone;
  }

  // move_splits_huge_pmd().
  bool MustSplit(const PageMove& move, GuestAddr end) const {
    const uint64_t huge = geometry_.HugeBytes();
    return move.from.AlignDown(huge) != move.from ||
           move.to.AlignDown(huge) != move.to || end - move.from < huge;
  }

  // Its folio is split when the first page of it is moved.
  ErrnoOr<Done> SplitSource(const Entry& source, const PageMove& move) {
    if (!source.special() &&
        !mm_.system().phys().frame(source.pfn()).anon_exclusive) {
      return Errno::kEBUSY;
    }
    SplitHugePmd(mm_, from_vma_, move.from);
    return Errno::kEAGAIN;
  }

  ErrnoOr<Done> MakeTable(GuestAddr a) {
    const ErrnoOr<EntryRef> made = table_.FindOrAllocate(a, 0);
    if (made.ok()) {
      return kDone;
    }
    return made.error() == Errno::kEEXIST ? Errno::kEAGAIN : made.error();
  }

  AddressSpace& mm_;
  PageTable& table_;
  const PagingGeometry& geometry_;
  Vma& from_vma_;
  Vma& to_vma_;
  const SourceHoles holes_;
};

}  // namespace

ErrnoOr<uint64_t> UffdMovePages(UffdContext& ctx, GuestAddr to, GuestRange from,
                                SourceHoles holes) {
  const std::shared_ptr<AddressSpace> mm = ctx.mm();
  if (mm == nullptr) {
    return Errno::kESRCH;
  }
  ReadGuard guard(mm->mmap_lock());
  Vma* const to_vma = mm->vmas().Find(to);
  if (to_vma == nullptr) {
    return Errno::kENOENT;
  }
  if (!to_vma->shared() && !PrepareAnonVma(*to_vma).ok()) {
    return Errno::kENOMEM;
  }
  Vma* const from_vma = mm->vmas().Find(from.start);
  if (from_vma == nullptr) {
    return Errno::kENOENT;
  }
  ReadGuard changing(ctx.map_changing_lock());
  if (ctx.mmap_changing()) {
    return Errno::kEAGAIN;
  }
  if (from_vma->shared() || from.end > from_vma->range.end ||
      to_vma->shared() || to + from.size() > to_vma->range.end ||
      !Alike(ctx, *from_vma, *to_vma)) {
    return Errno::kEINVAL;
  }
  return PageMover(*mm, *from_vma, *to_vma, holes).Run(to, from);
}

}  // namespace faultline::mm
