#include "guest_mm/vma/vma_set.h"

#include <algorithm>
#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/thp/khugepaged.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// What those that are to be one have, or will have; never two different ones.
std::shared_ptr<AnonVma> JoinedAnonVma(MergePlan plan, const Vma* prev,
                                       const Vma& proposed, const Vma* next) {
  if (plan.with_prev && prev->anon_vma != nullptr) {
    return prev->anon_vma;
  }
  if (proposed.anon_vma == nullptr && plan.with_next) {
    return next->anon_vma;
  }
  return proposed.anon_vma;
}

}  // namespace

// Neither a truncation nor a walk from a page back to its entries must see
// VMAs half changed (vma_prepare()). Without a file and an AnonVma there is
// nothing to hold.
class VmaSet::Edit {
 public:
  Edit(const std::shared_ptr<MappedFile>& file,
       std::shared_ptr<AnonVma> anon_vma) ABSL_NO_THREAD_SAFETY_ANALYSIS
      : mapping_(file ? &file->mapping() : nullptr),
        anon_vma_(std::move(anon_vma)) {
    if (mapping_ != nullptr) {
      mapping_->i_mmap_lock().Acquire();
    }
    if (anon_vma_ != nullptr) {
      anon_vma_->lock().WriteAcquire();
    }
  }
  ~Edit() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (anon_vma_ != nullptr) {
      anon_vma_->lock().WriteRelease();
    }
    if (mapping_ != nullptr) {
      mapping_->i_mmap_lock().Release();
    }
  }
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;

  void Link(Vma& v) {
    if (mapping_ != nullptr) {
      mapping_->Link(v);
    }
    AnonVma::Link(v);
  }
  void Unlink(Vma& v) {
    if (mapping_ != nullptr) {
      mapping_->Unlink(v);
    }
    AnonVma::Unlink(v);
  }

 private:
  Mapping* mapping_;
  std::shared_ptr<AnonVma> anon_vma_;
};

VmaSet::VmaSet(AddressSpace& mm)
    : mm_(mm),
      tree_(mm.system().sysctl().stack_guard_gap_pages
            << mm.page_shift().value()) {}

PageShift VmaSet::shift() const { return mm_.page_shift(); }

AnonVmaMerge VmaSet::AnonVmaRule() const {
  return mm_.system().behaviours().anon_vma_merge();
}

Vma* VmaSet::FindAtOrAbove(GuestAddr a) const {
  if (last_found_ != nullptr && last_found_->range.Contains(a)) {
    return last_found_;
  }
  Vma* v = tree_.FindAtOrAbove(a);
  if (v != nullptr && v->range.Contains(a)) {
    last_found_ = v;
  }
  return v;
}

Vma* VmaSet::Find(GuestAddr a) const {
  Vma* v = FindAtOrAbove(a);
  return v != nullptr && v->range.Contains(a) ? v : nullptr;
}

bool VmaSet::Overlaps(GuestRange r) const {
  const Vma* v = FindAtOrAbove(r.start);
  return v != nullptr && v->range.start < r.end;
}

Vma& VmaSet::Insert(std::unique_ptr<Vma> vma, Merge merge) {
  FL_DCHECK(!vma->range.empty() && !Overlaps(vma->range));
  vma->mm = &mm_;
  Account(vma->flags, vma->range.Pages(shift()), Sign::kAdd);
  Emit("vma.insert", *vma);
  Vma* next = FindAtOrAbove(vma->range.start);
  Vma* prev = next ? Prev(*next) : Last();
  MergePlan plan;
  if (merge != Merge::kNone) {
    plan = PlanMerge(prev, *vma, merge == Merge::kBoth ? next : nullptr,
                     shift(), AnonVmaRule());
    plan = SpareCounted(plan, *vma, nullptr);
  }
  Edit edit(vma->file, JoinedAnonVma(plan, prev, *vma, next));
  if (plan.with_prev || plan.with_next) {
    return Join(edit, plan, prev, nullptr, *vma, next);
  }
  Vma& v = tree_.Insert(std::move(vma));
  edit.Link(v);
  mm_.system().khugepaged().Enter(v);
  return v;
}

ErrnoOr<Vma*> VmaSet::Split(Vma& v, GuestAddr at, MapLimit limit) {
  FL_DCHECK(v.range.start < at && at < v.range.end);
  if (limit == MapLimit::kObeyed &&
      size() >= mm_.system().sysctl().max_map_count) {
    return Errno::kENOMEM;
  }
  if (v.hugetlb() && !IsHugeAligned(v, at)) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(auto upper, NewVmaLike(mm_, v));
  SplitHugePmdAtEdges(mm_, v, {at, v.range.end});
  upper->range.start = at;
  upper->pgoff = v.PageIndex(at, shift());
  Edit edit(v.file, v.anon_vma);
  edit.Unlink(v);
  SetRange(v, {v.range.start, at});
  edit.Link(v);
  Vma& added = tree_.Insert(std::move(upper));
  edit.Link(added);
  Emit("vma.split", added);
  return &added;
}

std::unique_ptr<Vma> VmaSet::Remove(Vma& v) {
  Emit("vma.remove", v);
  if (v.hugetlb()) {
    CloseHugetlb(v);
  }
  Account(v.flags, v.range.Pages(shift()), Sign::kTake);
  Edit edit(v.file, v.anon_vma);
  edit.Unlink(v);
  return Drop(v);
}

ErrnoOr<Vma*> VmaSet::Modify(Vma& v, GuestRange range, const Rules& rules) {
  FL_DCHECK(v.range.Contains(range) && !range.empty());
  Vma proposed(v);
  proposed.range = range;
  proposed.pgoff = v.PageIndex(range.start, shift());
  proposed.flags = rules.flags;
  proposed.anon_name = rules.anon_name;
  proposed.uffd = rules.uffd;
  Vma* prev = range.start == v.range.start ? Prev(v) : nullptr;
  Vma* next = range.end == v.range.end ? Next(v) : nullptr;
  const MergePlan plan = SpareCounted(
      PlanMerge(prev, proposed, next, shift(), AnonVmaRule()), proposed, &v);
  if (plan.with_prev || plan.with_next) {
    SplitHugePmdAtEdges(mm_, v, range);
    Account(v.flags, range.Pages(shift()), Sign::kTake);
    Account(rules.flags, range.Pages(shift()), Sign::kAdd);
    Emit("vma.change", proposed);
    Edit edit(v.file, JoinedAnonVma(plan, prev, proposed, next));
    return &Join(edit, plan, prev, &v, proposed, next);
  }
  Vma* target = &v;
  if (v.range.start < range.start) {
    FL_ASSIGN(target, Split(v, range.start));
  }
  if (range.end < target->range.end) {
    FL_TRY(Split(*target, range.end));
  }
  SetFlagsInPlace(*target, rules.flags);
  target->anon_name = rules.anon_name;
  target->uffd = rules.uffd;
  return target;
}

Vma& VmaSet::SetFlags(Vma& v, VmaFlags flags) {
  // The whole of a VMA needs no split, and only a split can fail.
  return *ModifyFlags(v, v.range, flags).value();
}

void VmaSet::SetFlagsInPlace(Vma& v, VmaFlags flags) {
  if (v.flags == flags) {
    return;
  }
  Account(v.flags, v.range.Pages(shift()), Sign::kTake);
  Account(flags, v.range.Pages(shift()), Sign::kAdd);
  v.flags = flags;
  Emit("vma.change", v);
}

void VmaSet::SetAnonVma(Vma& v, std::shared_ptr<AnonVma> anon_vma) {
  if (v.anon_vma != nullptr) {
    Edit edit(nullptr, v.anon_vma);
    AnonVma::Unlink(v);
    v.anon_vma = nullptr;
  }
  if (anon_vma != nullptr) {
    Edit edit(nullptr, anon_vma);
    v.anon_vma = std::move(anon_vma);
    AnonVma::Link(v);
  }
}

void VmaSet::Resize(Vma& v, GuestRange range) {
  FL_DCHECK(!range.empty());
  Edit edit(v.file, v.anon_vma);
  Account(v.flags, v.range.Pages(shift()), Sign::kTake);
  edit.Unlink(v);
  SetRange(v, range);
  edit.Link(v);
  Account(v.flags, v.range.Pages(shift()), Sign::kAdd);
  Emit("vma.resize", v);
}

Vma& VmaSet::Join(Edit& edit, MergePlan plan, Vma* prev, Vma* v,
                  const Vma& proposed, Vma* next) {
  Vma& keeper = plan.with_prev ? *prev : *next;
  GuestRange all = proposed.range;
  VmaFlags flags = keeper.flags | proposed.flags;
  std::shared_ptr<AnonVma> anon_vma = JoinedAnonVma(plan, prev, proposed, next);
  if (plan.with_prev) {
    all.start = prev->range.start;
  }
  if (plan.with_next) {
    all.end = next->range.end;
    flags = flags | next->flags;
  }
  if (plan.with_prev && plan.with_next) {
    edit.Unlink(*next);
    Drop(*next);
  }
  if (v != nullptr) {
    edit.Unlink(*v);
    if (v->range == proposed.range) {
      Drop(*v);
    } else {
      const bool lower = proposed.range.start == v->range.start;
      SetRange(*v, lower ? GuestRange{proposed.range.end, v->range.end}
                         : GuestRange{v->range.start, proposed.range.start});
      edit.Link(*v);
    }
  }
  edit.Unlink(keeper);
  keeper.flags = flags;
  keeper.anon_vma = std::move(anon_vma);
  SetRange(keeper, all);
  edit.Link(keeper);
  mm_.system().khugepaged().Enter(keeper);
  return keeper;
}

std::unique_ptr<Vma> VmaSet::Drop(Vma& v) {
  if (last_found_ == &v) {
    last_found_ = nullptr;
  }
  return tree_.Remove(v);
}

void VmaSet::SetRange(Vma& v, GuestRange range) {
  // Modular arithmetic: the start may move down as well as up.
  v.pgoff += uint64_t(int64_t(range.start - v.range.start) >> shift().value());
  v.range = range;
  tree_.Update(v);
}

// unmapped_area_topdown(). A gap that would reach into a stack's guard lowers
// the limit to where the guard begins, though other gaps lie above that.
ErrnoOr<GuestAddr> VmaSet::FindGapTopDown(uint64_t bytes, GuestRange within,
                                          uint64_t align) const {
  const uint64_t slack = align - shift().bytes();
  if (bytes > ~uint64_t{0} - slack) {
    return Errno::kENOMEM;
  }
  while (const auto gap = tree_.HighestGap(bytes + slack, within)) {
    const Vma* const above = tree_.FindAtOrAbove(gap->end);
    if (above == nullptr || GuardedStart(*above) >= gap->end) {
      return (gap->end - bytes).AlignDown(align);
    }
    within.end = GuardedStart(*above);
  }
  return Errno::kENOMEM;
}

// unmapped_area().
ErrnoOr<GuestAddr> VmaSet::FindGapBottomUp(uint64_t bytes, GuestRange within,
                                           uint64_t align) const {
  const uint64_t slack = align - shift().bytes();
  if (bytes > ~uint64_t{0} - slack) {
    return Errno::kENOMEM;
  }
  while (const auto gap = tree_.LowestGap(bytes + slack, within)) {
    const GuestAddr at = gap->start.AlignUp(align);
    const Vma* const above = tree_.FindAtOrAbove(gap->end);
    if (above == nullptr || GuardedStart(*above) >= at + bytes + slack) {
      return at;
    }
    within.start = above->range.end;
  }
  return Errno::kENOMEM;
}

void VmaSet::Account(VmaFlags flags, PageCount pages, Sign sign) {
  if (sign == Sign::kTake) {
    mm_.hiwater_vm = std::max(mm_.hiwater_vm, mm_.total_vm);
  }
  const auto count = [&](bool counts, PageCount& total) {
    if (counts) {
      total = sign == Sign::kAdd ? total + pages : total - pages;
    }
  };
  count(true, mm_.total_vm);
  count(CountsAsExec(flags), mm_.exec_vm);
  count(CountsAsStack(flags), mm_.stack_vm);
  count(CountsAsData(flags), mm_.data_vm);
  count(flags.has(VmaFlag::kLocked), mm_.locked_vm);
  count(flags.has(VmaFlag::kAccount), mm_.system().committed());
}

void VmaSet::Emit(const char* event, const Vma& v) const {
  mm::Trace& trace = mm_.system().trace();
  if (trace.on(TraceKind::kVma)) {
    trace.Emit(TraceKind::kVma, event,
               {TraceField::Dec("mm", mm_.id()),
                TraceField::Hex("start", v.range.start.value()),
                TraceField::Hex("end", v.range.end.value()),
                TraceField::Text("prot", ToString(v.prot())),
                TraceField::Text("flags", SmapsFlags(v.flags))});
  }
}

void VmaSet::Validate() const {
  tree_.Validate();
  PageCount total, exec, stack, data, locked;
  for (const Vma& v : *this) {
    FL_CHECK(v.mm == &mm_ && v.filed());
    FL_CHECK(v.range.start.IsPageAligned(shift()));
    FL_CHECK(v.range.end.IsPageAligned(shift()));
    if (v.anon_vma != nullptr) {
      v.anon_vma->chain()->Validate();
    }
    const PageCount pages = v.range.Pages(shift());
    total += pages;
    exec += CountsAsExec(v.flags) ? pages : PageCount();
    stack += CountsAsStack(v.flags) ? pages : PageCount();
    data += CountsAsData(v.flags) ? pages : PageCount();
    locked += v.has(VmaFlag::kLocked) ? pages : PageCount();
    if (v.file != nullptr) {
      const auto& links = v.file->mapping().vmas();
      const auto it = links.find({v.pgoff, mm_.id(), v.range.start});
      FL_CHECK(it != links.end() && it->second == &v);
    }
  }
  FL_CHECK(last_found_ == nullptr || last_found_->mm == &mm_);
  FL_CHECK(total == mm_.total_vm && exec == mm_.exec_vm);
  FL_CHECK(stack == mm_.stack_vm && data == mm_.data_vm);
  FL_CHECK(locked + mm_.stale_locked_vm == mm_.locked_vm);
}

}  // namespace faultline::mm
