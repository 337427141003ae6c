#include "guest_mm/calls/unmapped_area.h"

#include <algorithm>
#include <optional>

namespace faultline::mm {
namespace {

// A hint is taken if the place is free and leaves stacks their guard. One
// above the default window (mmap_end) asks for the whole address space; a
// range across that border is no place at all.
std::optional<GuestAddr> TakeHint(AddressSpace& mm, GuestAddr hint,
                                  uint64_t length) {
  const AddressLayout& layout = mm.system().arch().layout();
  const GuestAddr at = hint.PageDown(mm.page_shift());
  if (at == GuestAddr(0) || layout.user_end.value() - length < at.value() ||
      at.value() < mm.system().lowest_mapping()) {
    return std::nullopt;
  }
  if ((at > layout.mmap_end) != (at + length > layout.mmap_end)) {
    return std::nullopt;
  }
  const Vma* above = mm.vmas().FindAtOrAbove(at);
  if (above != nullptr && at + length > mm.vmas().GuardedStart(*above)) {
    return std::nullopt;
  }
  return at;
}

// The lowest mapping may lie anywhere: as in Linux, the knob takes any number.
GuestRange AboveLowest(AddressSpace& mm, GuestRange r) {
  const GuestAddr lowest(
      std::max(mm.page_shift().bytes(), mm.system().lowest_mapping()));
  return {std::min(std::max(r.start, lowest), r.end), r.end};
}

// Down from mmap_base; if there is no room, up from a third of user space,
// which finds what lies above mmap_base.
ErrnoOr<GuestAddr> Search(AddressSpace& mm, GuestAddr hint, uint64_t length,
                          uint64_t align) {
  const AddressLayout& layout = mm.system().arch().layout();
  const PageShift shift = mm.page_shift();
  const bool whole_space = hint > layout.mmap_end;
  const uint64_t beyond =
      whole_space ? layout.user_end - layout.mmap_end : uint64_t{0};
  const auto found = mm.vmas().FindGapTopDown(
      length, AboveLowest(mm, {GuestAddr(0), mm.mmap_base + beyond}), align);
  if (found.ok()) {
    return found;
  }
  const GuestAddr legacy_base =
      GuestAddr(layout.mmap_end.value() / 3).PageUp(shift);
  return mm.vmas().FindGapBottomUp(
      length, AboveLowest(mm, {legacy_base, layout.mmap_end + beyond}), align);
}

// thp_get_unmapped_area(): none if no huge page of the file would be whole, or
// there is no room to choose from.
std::optional<GuestAddr> PlaceForHugePages(AddressSpace& mm,
                                           const AreaRequest& want) {
  if (!want.thp_offset.has_value()) {
    return std::nullopt;
  }
  const uint64_t huge = mm.system().arch().geometry().EntryBytes(1);
  const uint64_t offset = *want.thp_offset;
  const uint64_t first = GuestAddr(offset).AlignUp(huge).value();
  const uint64_t end = offset + want.length;
  if (end <= first || end - first < huge) {
    return std::nullopt;
  }
  const uint64_t padded = want.length + huge;
  if (const auto hint = TakeHint(mm, want.hint, padded)) {
    return hint;
  }
  const auto found = Search(mm, want.hint, padded, mm.page_shift().bytes());
  if (!found.ok()) {
    return std::nullopt;
  }
  const uint64_t short_by = (offset - found->value()) & (huge - 1);
  return *found + (short_by == 0 ? huge : short_by);
}

// hugetlb_get_unmapped_area().
ErrnoOr<GuestAddr> HugetlbArea(AddressSpace& mm, const AreaRequest& want) {
  const GuestAddr aligned = want.hint.AlignUp(want.huge_align);
  if (want.fixed) {
    return aligned == want.hint ? ErrnoOr<GuestAddr>(aligned) : Errno::kEINVAL;
  }
  if (const auto hint = TakeHint(mm, aligned, want.length)) {
    return *hint;
  }
  return Search(mm, aligned, want.length, want.huge_align);
}

}  // namespace

std::optional<uint64_t> ThpOffset(const AddressSpace& mm,
                                  const AreaRequest& want, bool zero_device,
                                  uint64_t pgoff) {
  if (zero_device) {
    return mm.system().behaviours().zero_device_place() ==
                   ZeroDevicePlace::kHuge
               ? std::optional(pgoff << mm.page_shift().value())
               : std::nullopt;
  }
  // Anonymous memory only in whole huge pages and without a wish.
  const uint64_t huge = mm.system().arch().geometry().EntryBytes(1);
  return want.hint == GuestAddr(0) && want.length % huge == 0
             ? std::optional<uint64_t>(0)
             : std::nullopt;
}

ErrnoOr<GuestAddr> GetUnmappedArea(AddressSpace& mm, const AreaRequest& want) {
  const ArchOps& arch = mm.system().arch();
  const uint64_t user_end = arch.layout().user_end.value();
  if (want.length > user_end) {
    return Errno::kENOMEM;
  }
  GuestAddr at = want.hint;
  if (want.huge_align != 0) {
    FL_ASSIGN(at, HugetlbArea(mm, want));
  } else if (!want.fixed) {
    const uint64_t page = mm.page_shift().bytes();
    if (!want.window.empty()) {
      FL_ASSIGN(at, mm.vmas().FindGapBottomUp(
                        want.length, AboveLowest(mm, want.window), page));
    } else if (const auto place = PlaceForHugePages(mm, want)) {
      at = *place;
    } else if (const auto hint = TakeHint(mm, want.hint, want.length)) {
      at = *hint;
    } else {
      FL_ASSIGN(at, Search(mm, want.hint, want.length, page));
    }
  }
  if (at.value() > user_end - want.length) {
    return Errno::kENOMEM;
  }
  if (!at.IsPageAligned(mm.page_shift())) {
    return Errno::kEINVAL;
  }
  if (at.value() < mm.system().sysctl().mmap_min_addr &&
      !mm.limits.can_map_low) {
    return Errno::kEPERM;
  }
  return at;
}

}  // namespace faultline::mm
