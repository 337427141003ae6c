#include <algorithm>
#include <utility>

#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/calls/move_vma.h"
#include "guest_mm/calls/populate.h"
#include "guest_mm/calls/unmap.h"
#include "guest_mm/calls/unmapped_area.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/mm/limits.h"

namespace faultline::mm {
namespace {

// vma_to_resize(): may the VMA at old_start become that long?
ErrnoOr<Vma*> ToResize(AddressSpace& mm, const MremapRequest& r) {
  Vma* v = mm.vmas().Find(r.old_start);
  if (v == nullptr) {
    return Errno::kEFAULT;
  }
  // Old length 0 makes a second mapping of a shared object.
  if (r.old_length == 0 && !v->has(VmaFlag::kMayShare)) {
    return Errno::kEINVAL;
  }
  constexpr VmaFlags kFixedSize = VmaFlag::kDontExpand | VmaFlag::kPfnMap;
  if (r.keep_old() && v->flags.any(kFixedSize)) {
    return Errno::kEINVAL;
  }
  if (r.old_length > v->range.end - r.old_start) {
    return Errno::kEFAULT;  // across a border between VMAs
  }
  if (r.new_length == r.old_length) {
    return v;
  }
  const uint64_t pgoff = v->PageIndex(r.old_start, mm.page_shift());
  if (pgoff + (r.new_length >> mm.page_shift().value()) < pgoff) {
    return Errno::kEINVAL;
  }
  if (v->flags.any(kFixedSize)) {
    return Errno::kEFAULT;
  }
  const uint64_t gained = r.new_length - r.old_length;
  if (!MayLock(mm, v->flags, gained)) {
    return Errno::kEAGAIN;
  }
  if (!MayExpandVm(mm, v->flags,
                   PageCount(gained >> mm.page_shift().value()))) {
    return Errno::kENOMEM;
  }
  return v;
}

// vrm_overlaps(): an old range that wraps around overlaps nothing.
bool Overlap(const MremapRequest& r) {
  const uint64_t from = r.old_start.value(), to = r.new_start.value();
  return from + r.old_length > to && to + r.new_length > from;
}

// What a place to move to must be, whatever lies there.
ErrnoOr<Done> JudgeTarget(const AddressSpace& mm, const MremapRequest& r) {
  const uint64_t user_end = mm.system().arch().layout().user_end.value();
  if (!r.new_start.IsPageAligned(mm.page_shift()) || r.new_length > user_end ||
      r.new_start.value() > user_end - r.new_length || Overlap(r)) {
    return Errno::kEINVAL;
  }
  if (mm.vmas().size() + 5 >= mm.system().sysctl().max_map_count) {
    return Errno::kENOMEM;
  }
  return kDone;
}

// mremap_to(): to an address that the caller names, or keeping the old one.
ErrnoOr<Moved> MoveTo(AddressSpace& mm, MremapRequest r, MremapEvents& events) {
  if (r.fixed()) {
    FL_TRY(MunmapLocked(mm, r.new_start, r.new_length, &events.unmapped_first));
    if (MremapJudgesFirst(mm) && mm.vmas().Find(r.old_start) == nullptr) {
      return Errno::kEFAULT;  // it lay in the target
    }
  }
  if (r.old_length > r.new_length) {
    FL_TRY(MunmapLocked(mm, r.old_start + r.new_length,
                        r.old_length - r.new_length, &events.unmapped));
    r.old_length = r.new_length;
  }
  Vma* v = mm.vmas().Find(r.old_start);
  if (v == nullptr) {
    return Errno::kEFAULT;
  }
  if (!MremapJudgesFirst(mm)) {
    FL_ASSIGN(v, ToResize(mm, r));
  }
  if (r.keep_old() &&
      !MayExpandVm(mm, v->flags,
                   PageCount(r.old_length >> mm.page_shift().value()))) {
    return Errno::kENOMEM;
  }
  AreaRequest area{
      .hint = r.new_start, .length = r.new_length, .fixed = r.fixed()};
  if (v->hugetlb()) {
    area.huge_align = v->file->hugetlb()->pool().bytes();
  }
  FL_ASSIGN(const GuestAddr at, GetUnmappedArea(mm, area));
  return MoveVma(mm, *v, r, at, events);
}

// vma_expandable(): is what lies above free?
bool CanExpand(AddressSpace& mm, const Vma& v, uint64_t by) {
  const GuestRange all{v.range.start, v.range.end + by};
  return all.end > v.range.end && !mm.vmas().Overlaps({v.range.end, all.end}) &&
         GetUnmappedArea(
             mm, {.hint = all.start, .length = all.size(), .fixed = true})
             .ok();
}

// What a hugetlb VMA has: whole huge pages, and never more of them. kEINVAL.
ErrnoOr<MremapRequest> InHugePages(const Vma& v, MremapRequest r) {
  const uint64_t bytes = v.file->hugetlb()->pool().bytes();
  r.old_length = GuestAddr(r.old_length).AlignUp(bytes).value();
  r.new_length = GuestAddr(r.new_length).AlignUp(bytes).value();
  if (!IsHugeAligned(v, r.old_start) || !IsHugeAligned(v, r.new_start) ||
      r.new_length > r.old_length) {
    return Errno::kEINVAL;
  }
  return r;
}

// `r` in the units of the mapping it starts in.
ErrnoOr<MremapRequest> InWholePages(AddressSpace& mm, const MremapRequest& r) {
  const Vma* here = mm.vmas().Find(r.old_start);
  return here != nullptr && here->hugetlb() ? InHugePages(*here, r)
                                            : ErrnoOr<MremapRequest>(r);
}

// check_prep_vma(), what is judged of the VMA before anything is done.
ErrnoOr<Done> JudgeSource(AddressSpace& mm, const MremapRequest& r) {
  const Vma* here = mm.vmas().Find(r.old_start);
  if (here == nullptr) {
    return Errno::kEFAULT;
  }
  if (here->has(VmaFlag::kSealed)) {
    return Errno::kEPERM;
  }
  if (MremapJudgesFirst(mm) && (r.moves() || r.old_length < r.new_length)) {
    MremapRequest left = r;  // when it has shrunk
    left.old_length = std::min(r.old_length, r.new_length);
    FL_TRY(ToResize(mm, left));
  }
  return kDone;
}

// vma_multi_allowed(): not those whose file has a say in where it is mapped,
// nor those whose moves a userfaultfd is told of.
bool MovesWithOthers(const Vma& v) {
  constexpr VmaFlags kUffd =
      VmaFlag::kUffdMissing | VmaFlag::kUffdMinor | VmaFlags(VmaFlag::kUffdWp);
  const bool placed =
      v.zero_device != nullptr || (v.file != nullptr && v.file->counts_vmas());
  return !v.flags.any(kUffd) && !placed;
}

// remap_move(): each VMA of the range in turn, keeping their distances. What
// has moved stays so if a later one cannot.
ErrnoOr<Moved> MoveMany(AddressSpace& mm, const MremapRequest& r,
                        MremapEvents& events) {
  const GuestRange all = GuestRange::At(r.old_start, r.old_length);
  ErrnoOr<Moved> first = Errno::kEFAULT;
  GuestAddr last_end = all.start;
  GuestAddr target = r.new_start;
  const Vma* v = mm.vmas().FindAtOrAbove(all.start);
  while (v != nullptr && v->range.start < all.end) {
    const bool alone = !MovesWithOthers(*v);
    if ((first.ok() ? alone : v->range.start > all.start) ||
        (alone && v->range.end < all.end)) {
      return Errno::kEFAULT;
    }
    const GuestRange part = v->range.Intersect(all);
    MremapRequest one = r;
    one.old_start = part.start;
    one.old_length = one.new_length = part.size();
    one.new_start = target + (part.start - last_end);
    last_end = v->range.end;
    FL_TRY(JudgeSource(mm, one));
    FL_ASSIGN(const Moved moved, MoveTo(mm, one, events));
    first = first.ok() ? first : moved;
    target = moved.at + part.size();
    if (part.end == all.end) {
      break;  // the rest of a VMA that stays mapped is not looked at again
    }
    v = mm.vmas().FindAtOrAbove(part.end);
  }
  return first;
}

ErrnoOr<Moved> MremapLocked(AddressSpace& mm, const MremapRequest& as_passed,
                            MremapEvents& events) {
  FL_ASSIGN(const MremapRequest r, InWholePages(mm, as_passed));
  if (MremapJudgesFirst(mm)) {
    if (r.moves()) {
      FL_TRY(JudgeTarget(mm, r));
    }
    if (r.fixed() && r.old_length == r.new_length) {
      return MoveMany(mm, r, events);
    }
  }
  FL_TRY(JudgeSource(mm, r));
  if (r.moves()) {
    if (!MremapJudgesFirst(mm)) {
      FL_TRY(JudgeTarget(mm, r));
    }
    return MoveTo(mm, r, events);
  }
  if (r.old_length >= r.new_length) {
    if (r.old_length > r.new_length) {
      FL_TRY(MunmapLocked(mm, r.old_start + r.new_length,
                          r.old_length - r.new_length, &events.unmapped));
    }
    return Moved{r.old_start, {}};
  }
  FL_ASSIGN(Vma * v, ToResize(mm, r));
  const uint64_t gained = r.new_length - r.old_length;
  if (r.old_length == v->range.end - r.old_start && CanExpand(mm, *v, gained)) {
    if (v->has(VmaFlag::kAccount) &&
        !EnoughMemory(mm, int64_t(gained >> mm.page_shift().value()))) {
      return Errno::kENOMEM;
    }
    // vma_merge_extend(): as a new VMA that merges at least with this one.
    const GuestRange added = GuestRange::At(v->range.end, gained);
    FL_ASSIGN(auto extension, NewVmaLike(mm, *v));
    extension->range = added;
    extension->pgoff = v->PageIndex(added.start, mm.page_shift());
    const bool locked = v->has(VmaFlag::kLocked);
    mm.vmas().Insert(std::move(extension));
    return Moved{r.old_start, locked ? added : GuestRange{}};
  }
  if ((r.flags & kMremapMayMove) == 0) {
    return Errno::kENOMEM;
  }
  AreaRequest area{.hint = {}, .length = r.new_length};
  if (v->anonymous()) {
    area.thp_offset = ThpOffset(mm, area, v->zero_device != nullptr,
                                v->PageIndex(r.old_start, mm.page_shift()));
  }
  FL_ASSIGN(const GuestAddr at, GetUnmappedArea(mm, area));
  return MoveVma(mm, *v, r, at, events);
}

}  // namespace

ErrnoOr<GuestAddr> Mremap(AddressSpace& mm, GuestAddr old_start,
                          uint64_t old_length, uint64_t new_length,
                          uint64_t flags, GuestAddr new_start) {
  const PageShift shift = mm.page_shift();
  const bool may_move = (flags & kMremapMayMove) != 0;
  const MremapRequest request{
      old_start, GuestAddr(old_length).PageUp(shift).value(),
      GuestAddr(new_length).PageUp(shift).value(), flags, new_start};
  const bool same_length = MremapJudgesFirst(mm)
                               ? request.old_length == request.new_length
                               : old_length == new_length;
  const uint64_t longest = MremapJudgesFirst(mm)
                               ? mm.system().arch().layout().user_end.value()
                               : ~uint64_t{0};
  if ((flags & ~(kMremapMayMove | kMremapFixed | kMremapDontUnmap)) != 0 ||
      (request.moves() && !may_move) || (request.keep_old() && !same_length) ||
      !old_start.IsPageAligned(shift) || request.new_length == 0 ||
      request.new_length > longest) {
    return Errno::kEINVAL;
  }
  MremapEvents events;
  const ErrnoOr<Moved> moved =
      UnderWriteLock(mm, [&] { return MremapLocked(mm, request, events); });
  if (moved.ok() && !moved->populate.empty()) {
    (void)PopulateVmas(mm, moved->populate, OnError::kGoOn);
  }
  const bool shrunk_first = MremapJudgesFirst(mm) && request.fixed();
  const uint64_t told = shrunk_first
                            ? std::min(request.old_length, request.new_length)
                            : request.old_length;
  events.unmapped_first.Complete();
  events.remapped.Complete(old_start, moved.ok() ? moved->at : old_start, told);
  events.unmapped.Complete();
  if (!moved.ok()) {
    return moved.error();
  }
  return moved->at;
}

}  // namespace faultline::mm
