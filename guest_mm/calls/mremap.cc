#include <algorithm>
#include <memory>
#include <utility>

#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/calls/populate.h"
#include "guest_mm/calls/unmap.h"
#include "guest_mm/calls/unmapped_area.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/mm/limits.h"
#include "guest_mm/pgtable/range_ops.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kMremapMayMove = 1;
constexpr uint64_t kMremapFixed = 2;
constexpr uint64_t kMremapDontUnmap = 4;

// Lengths are whole pages by now.
struct Request {
  GuestAddr old_start;
  uint64_t old_length;
  uint64_t new_length;
  uint64_t flags;
  GuestAddr new_start;
  bool fixed() const { return (flags & kMremapFixed) != 0; }
  bool keep_old() const { return (flags & kMremapDontUnmap) != 0; }
  bool moves() const { return fixed() || keep_old(); }
};

struct Moved {
  GuestAddr at;
  GuestRange populate;  // locked memory that was gained
};

// vma_to_resize(): may the VMA at old_start become that long?
ErrnoOr<Vma*> ToResize(AddressSpace& mm, const Request& r) {
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

// copy_vma(): a VMA like `v` at `to`, merged with its neighbours there if
// possible; it may even be `v` itself, grown.
ErrnoOr<Vma*> CopyVma(AddressSpace& mm, const Vma& v, GuestAddr from,
                      GuestRange to) {
  FL_ASSIGN(auto copy, NewVmaLike(mm, v));
  copy->range = to;
  // Untouched anonymous memory has no past that its pgoff must remember.
  copy->pgoff = v.anonymous() && v.anon_vma == nullptr
                    ? to.start.value() >> mm.page_shift().value()
                    : v.PageIndex(from, mm.page_shift());
  return &mm.vmas().Insert(std::move(copy));
}

// Makes the part of a hugetlb VMA that is to move one of its own: with its
// pages goes its reservation. (Linux forgets the reservation of all the VMA.)
ErrnoOr<Vma*> Isolate(AddressSpace& mm, Vma& v, GuestRange moved) {
  Vma* part = &v;
  if (v.range.start < moved.start) {
    FL_ASSIGN(part, mm.vmas().Split(v, moved.start));
  }
  if (moved.end < part->range.end) {
    FL_TRY(mm.vmas().Split(*part, moved.end));
  }
  return part;
}

// Until 6.17 a VMA's fitness was judged after the target had been unmapped.
bool JudgesFirst(const AddressSpace& mm) {
  return mm.system().behaviours().mremap_moves() == MremapMoves::kMany;
}

// dontunmap_complete(). Linux goes on counting what stays behind as locked.
void UnlockInPlace(AddressSpace& mm, Vma& source, GuestRange moved) {
  if (source.has(VmaFlag::kLocked)) {
    const PageCount stale =
        source.range.Pages(mm.page_shift()) -
        (JudgesFirst(mm) ? PageCount() : moved.Pages(mm.page_shift()));
    mm.locked_vm += stale;
    mm.stale_locked_vm += stale;
  }
  mm.vmas().SetFlagsInPlace(
      source, source.flags.without(VmaFlag::kLocked | VmaFlag::kLockOnFault));
}

// move_vma().
ErrnoOr<Moved> Move(AddressSpace& mm, Vma& v, const Request& r, GuestAddr to) {
  VmaSet& vmas = mm.vmas();
  if (vmas.size() + 3 >= mm.system().sysctl().max_map_count) {
    return Errno::kENOMEM;  // splits below could hit the limit half-way
  }
  const VmaFlags flags = v.flags;
  const uint64_t charged =
      r.keep_old() ? r.new_length : r.new_length - r.old_length;
  if (flags.has(VmaFlag::kAccount) &&
      !EnoughMemory(mm, int64_t(charged >> mm.page_shift().value()))) {
    return Errno::kENOMEM;
  }
  // Both ends are mapped for a moment; the high-water mark must not show it.
  const PageCount hiwater = mm.hiwater_vm;
  const GuestRange from = GuestRange::At(r.old_start, r.old_length);
  const GuestRange target = GuestRange::At(to, r.new_length);
  const bool hugetlb = v.hugetlb();
  if (hugetlb) {
    FL_TRY(Isolate(mm, v, from));
  }
  FL_ASSIGN(Vma* const copy,
            CopyVma(mm, *vmas.Find(r.old_start), from.start, target));
  ErrnoOr<Moved> result = Moved{to, {}};
  GuestRange gone = from;
  if (!from.empty()) {
    Vma& source = *vmas.Find(from.start);
    const uint64_t moved = MovePageTables(mm, source, from, to);
    if (moved < r.old_length) {
      // Back to where their tables still are, which cannot fail.
      MovePageTables(mm, *copy, GuestRange::At(to, moved), from.start);
      gone = target;
      result = Errno::kENOMEM;
    } else if (r.keep_old()) {
      UnlockInPlace(mm, source, from);
      if (source.range == from) {
        vmas.SetAnonVma(source, nullptr);  // its pages have all gone
      }
      return result;
    }
  }
  if (hugetlb) {  // clear_vma_resv_huge_pages()
    vmas.Find(gone.start)->hugetlb_share = nullptr;
  }
  if (!gone.empty()) {
    // If memory for a split cannot be had, or a seal refuses, the mapping
    // stays; its pages have gone.
    (void)UnmapLocked(mm, gone);
  }
  mm.hiwater_vm = hiwater;
  if (result.ok() && flags.has(VmaFlag::kLocked) &&
      r.new_length > r.old_length) {
    result->populate = {to + r.old_length, to + r.new_length};
  }
  return result;
}

// vrm_overlaps(): an old range that wraps around overlaps nothing.
bool Overlap(const Request& r) {
  const uint64_t from = r.old_start.value(), to = r.new_start.value();
  return from + r.old_length > to && to + r.new_length > from;
}

// What a place to move to must be, whatever lies there.
ErrnoOr<Done> JudgeTarget(const AddressSpace& mm, const Request& r) {
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
ErrnoOr<Moved> MoveTo(AddressSpace& mm, Request r) {
  if (r.fixed()) {
    FL_TRY(MunmapLocked(mm, r.new_start, r.new_length));
    if (JudgesFirst(mm) && mm.vmas().Find(r.old_start) == nullptr) {
      return Errno::kEFAULT;  // it lay in the target
    }
  }
  if (r.old_length > r.new_length) {
    FL_TRY(MunmapLocked(mm, r.old_start + r.new_length,
                        r.old_length - r.new_length));
    r.old_length = r.new_length;
  }
  Vma* v = mm.vmas().Find(r.old_start);
  if (v == nullptr) {
    return Errno::kEFAULT;
  }
  if (!JudgesFirst(mm)) {
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
  return Move(mm, *v, r, at);
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
ErrnoOr<Request> InHugePages(const Vma& v, Request r) {
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
ErrnoOr<Request> InWholePages(AddressSpace& mm, const Request& r) {
  const Vma* here = mm.vmas().Find(r.old_start);
  return here != nullptr && here->hugetlb() ? InHugePages(*here, r)
                                            : ErrnoOr<Request>(r);
}

// check_prep_vma(), what is judged of the VMA before anything is done.
ErrnoOr<Done> JudgeSource(AddressSpace& mm, const Request& r) {
  const Vma* here = mm.vmas().Find(r.old_start);
  if (here == nullptr) {
    return Errno::kEFAULT;
  }
  if (here->has(VmaFlag::kSealed)) {
    return Errno::kEPERM;
  }
  if (JudgesFirst(mm) && (r.moves() || r.old_length < r.new_length)) {
    Request left = r;  // when it has shrunk
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
ErrnoOr<Moved> MoveMany(AddressSpace& mm, const Request& r) {
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
    Request one = r;
    one.old_start = part.start;
    one.old_length = one.new_length = part.size();
    one.new_start = target + (part.start - last_end);
    last_end = v->range.end;
    FL_TRY(JudgeSource(mm, one));
    FL_ASSIGN(const Moved moved, MoveTo(mm, one));
    first = first.ok() ? first : moved;
    target = moved.at + part.size();
    if (part.end == all.end) {
      break;  // the rest of a VMA that stays mapped is not looked at again
    }
    v = mm.vmas().FindAtOrAbove(part.end);
  }
  return first;
}

ErrnoOr<Moved> MremapLocked(AddressSpace& mm, const Request& as_passed) {
  FL_ASSIGN(const Request r, InWholePages(mm, as_passed));
  if (JudgesFirst(mm)) {
    if (r.moves()) {
      FL_TRY(JudgeTarget(mm, r));
    }
    if (r.fixed() && r.old_length == r.new_length) {
      return MoveMany(mm, r);
    }
  }
  FL_TRY(JudgeSource(mm, r));
  if (r.moves()) {
    if (!JudgesFirst(mm)) {
      FL_TRY(JudgeTarget(mm, r));
    }
    return MoveTo(mm, r);
  }
  if (r.old_length >= r.new_length) {
    if (r.old_length > r.new_length) {
      FL_TRY(MunmapLocked(mm, r.old_start + r.new_length,
                          r.old_length - r.new_length));
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
  return Move(mm, *v, r, at);
}

}  // namespace

ErrnoOr<GuestAddr> Mremap(AddressSpace& mm, GuestAddr old_start,
                          uint64_t old_length, uint64_t new_length,
                          uint64_t flags, GuestAddr new_start) {
  const PageShift shift = mm.page_shift();
  const bool may_move = (flags & kMremapMayMove) != 0;
  const Request request{old_start, GuestAddr(old_length).PageUp(shift).value(),
                        GuestAddr(new_length).PageUp(shift).value(), flags,
                        new_start};
  const bool same_length = JudgesFirst(mm)
                               ? request.old_length == request.new_length
                               : old_length == new_length;
  const uint64_t longest = JudgesFirst(mm)
                               ? mm.system().arch().layout().user_end.value()
                               : ~uint64_t{0};
  if ((flags & ~(kMremapMayMove | kMremapFixed | kMremapDontUnmap)) != 0 ||
      (request.moves() && !may_move) || (request.keep_old() && !same_length) ||
      !old_start.IsPageAligned(shift) || request.new_length == 0 ||
      request.new_length > longest) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Moved moved,
            UnderWriteLock(mm, [&] { return MremapLocked(mm, request); }));
  if (!moved.populate.empty()) {
    (void)PopulateVmas(mm, moved.populate, OnError::kGoOn);
  }
  return moved.at;
}

}  // namespace faultline::mm
