#include "guest_mm/uffd/move_page.h"

#include <memory>
#include <optional>

#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/rmap/pin.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/split_folio.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// A reference and the folio's lock; both are given back at the end.
class HeldFolio {
 public:
  HeldFolio(PhysMem& phys, Pfn page) : phys_(phys), head_(phys.HeadOf(page)) {
    phys_.Get(head_);
  }
  ~HeldFolio() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (locked_) {
      phys_.frame(head_).lock.Release();
    }
    phys_.Put(head_);
  }
  HeldFolio(const HeldFolio&) = delete;
  HeldFolio& operator=(const HeldFolio&) = delete;
  void Lock() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    phys_.frame(head_).lock.Acquire();
    locked_ = true;
  }
  Frame& folio() { return phys_.frame(head_); }
  Pfn head() const { return head_; }

 private:
  PhysMem& phys_;
  const Pfn head_;
  bool locked_ = false;
};

class Mover {
 public:
  Mover(const PageMove& move, int level)
      : move_(move),
        mm_(move.mm),
        phys_(mm_.system().phys()),
        table_(mm_.page_table()),
        level_(level) {}

  ErrnoOr<Done> MoveBase() {
    if (!Look()) {
      return Errno::kEAGAIN;
    }
    if (!to_was_.none()) {
      return Errno::kEEXIST;
    }
    switch (from_was_.kind) {
      case EntryKind::kNone:
        return move_.holes == SourceHoles::kAllowed ? ErrnoOr<Done>(kDone)
                                                    : Errno::kENOENT;
      case EntryKind::kPage:
        return from_was_.special() ? MoveEntry(ZeroEntry()) : MoveAnon();
      case EntryKind::kSwap:
        return MoveSwap();
      case EntryKind::kMigration:
        // Its end may have come since it was looked at.
        if (table_.Find(move_.from, level_).word == from_.word &&
            table_.Get(from_) == from_was_) {
          Scheduler::Active()->Wait(mm_.system().migration_wait(),
                                    Interruptible::kNo);
        }
        return Errno::kEAGAIN;
      case EntryKind::kMarker:
      case EntryKind::kHwPoison:
      case EntryKind::kTable:
        break;
    }
    return Errno::kEFAULT;
  }

  ErrnoOr<Done> MoveHuge() {
    if (!Look() || !from_was_.present() || !to_was_.none()) {
      return Errno::kEAGAIN;
    }
    return from_was_.special() ? MoveEntry(ZeroEntry()) : MoveAnon();
  }

 private:
  // False: a table has gone or a huge page has come.
  bool Look() {
    from_ = table_.Find(move_.from, level_);
    to_ = table_.Find(move_.to, level_);
    if (!from_ || !to_) {
      return false;
    }
    from_was_ = table_.Get(from_);
    to_was_ = table_.Get(to_);
    Scheduler::PointIfActive(kUffdMovePoint);
    return true;
  }

  // In the order of their frames: others may move the other way.
  TwoTableLocks LockBoth() const {
    const bool in_order = from_.table < to_.table;
    return TwoTableLocks(table_.LockOf(in_order ? from_ : to_),
                         table_.LockOf(in_order ? to_ : from_));
  }

  // Under both locks.
  bool Unchanged() const {
    return table_.Find(move_.from, level_).word == from_.word &&
           table_.Find(move_.to, level_).word == to_.word &&
           table_.Get(from_) == from_was_ && table_.Get(to_) == to_was_;
  }

  Entry ZeroEntry() const {
    return Entry::Page(from_was_.pfn(),
                       PageProt(mm_.system().arch(), move_.to_vma)
                           .with(EntryFlag::kSpecial)
                           .with(EntryFlag::kYoung));
  }

  // No translation may lead to the page by its old address once it is at the
  // new one.
  void Exchange(const Entry& entry) {
    const bool huge = level_ > 0;
    table_.Set(from_, Entry::None());
    if (from_was_.present()) {
      const uint64_t bytes = table_.arch().geometry().EntryBytes(level_);
      FlushTlb(mm_, GuestRange::At(from_.address, bytes));
    }
    table_.Set(to_, entry);
    if (huge) {
      table_.Deposit(to_, table_.Withdraw(from_));
    }
  }

  ErrnoOr<Done> MoveEntry(const Entry& entry) {
    const TwoTableLocks locks = LockBoth();
    if (!Unchanged()) {
      return Errno::kEAGAIN;
    }
    Exchange(entry);
    return kDone;
  }

  bool Exclusive() const { return phys_.frame(from_was_.pfn()).anon_exclusive; }

  ErrnoOr<Done> MoveAnon() {
    if (table_.Get(from_) != from_was_) {
      return Errno::kEAGAIN;
    }
    if (phys_.folio(from_was_.pfn()).use != FrameUse::kAnon || !Exclusive()) {
      return Errno::kEBUSY;
    }
    HeldFolio held(phys_, from_was_.pfn());
    held.Lock();
    if (table_.Get(from_) != from_was_) {
      return Errno::kEAGAIN;
    }
    if (level_ == 0 && held.folio().order > 0) {
      return SplitThenAgain(held.head());
    }
    AnonVma* const anon_vma = held.folio().anon_vma;
    const std::shared_ptr<AnonVma> kept =
        anon_vma == nullptr ? nullptr : anon_vma->Hold();
    if (kept == nullptr) {
      return Errno::kEAGAIN;  // unmapped from under us
    }
    // Who walks from the page to its entries must find them.
    WriteGuard guard(kept->lock());
    return MoveAnonLocked(held);
  }

  ErrnoOr<Done> MoveAnonLocked(HeldFolio& held) {
    const TwoTableLocks locks = LockBoth();
    if (!Unchanged()) {
      return Errno::kEAGAIN;
    }
    if (!Exclusive() || MaybeDmaPinned(held.folio())) {
      return Errno::kEBUSY;
    }
    Rebase(held.folio());
    // As after mremap, it counts as written.
    Exchange(Entry::Page(from_was_.pfn(),
                         StoredPageProt(mm_.system().arch(), move_.to_vma)));
    return kDone;
  }

  // page_move_anon_rmap(): where it belongs now.
  void Rebase(Frame& folio) {
    folio.anon_vma = move_.to_vma.anon_vma.get();
    folio.index = move_.to_vma.PageIndex(move_.to, mm_.page_shift());
  }

  // The lock and the reference are the head's, before and after.
  ErrnoOr<Done> SplitThenAgain(Pfn head) {
    FL_TRY(SplitFolio(mm_.system(), head));
    return Errno::kEAGAIN;
  }

  ErrnoOr<Done> MoveSwap() {
    if (!from_was_.flags.has(EntryFlag::kExclusive)) {
      return Errno::kEBUSY;
    }
    const std::optional<Pfn> cached =
        mm_.system().swap().Cached(from_was_.slot());
    if (!cached) {
      return MoveEntry(from_was_);
    }
    // A copy of it is in memory, and knows where it belongs.
    HeldFolio held(phys_, *cached);
    held.Lock();
    if (held.folio().swap_slot != from_was_.slot()) {
      return Errno::kEAGAIN;
    }
    const TwoTableLocks locks = LockBoth();
    if (!Unchanged()) {
      return Errno::kEAGAIN;
    }
    if (held.folio().anon_vma != nullptr) {
      Rebase(held.folio());
    }
    Exchange(from_was_);
    return kDone;
  }

  const PageMove& move_;
  AddressSpace& mm_;
  PhysMem& phys_;
  PageTable& table_;
  const int level_;
  EntryRef from_, to_;
  Entry from_was_, to_was_;
};

}  // namespace

ErrnoOr<Done> MovePage(const PageMove& move) {
  return Mover(move, 0).MoveBase();
}

ErrnoOr<Done> MoveHugePage(const PageMove& move) {
  return Mover(move, PagingGeometry::kHugeLevel).MoveHuge();
}

}  // namespace faultline::mm
