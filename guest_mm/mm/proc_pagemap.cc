// /proc/PID/pagemap: Documentation/admin-guide/mm/pagemap.rst.

#include <algorithm>

#include "guest_mm/mm/proc_report.h"

namespace faultline::mm {
namespace {

//   63       62    61    58     57       56         55          54..0
//   present  swap  file  guard  uffd-wp  exclusive  soft-dirty  pfn
//                                                                slot<<5|type
constexpr uint64_t kPresent = 1ull << 63;
constexpr uint64_t kSwapped = 1ull << 62;
constexpr uint64_t kFile = 1ull << 61;
constexpr uint64_t kGuard = 1ull << 58;
constexpr uint64_t kUffdWp = 1ull << 57;
constexpr uint64_t kExclusive = 1ull << 56;
constexpr uint64_t kSoftDirty = 1ull << 55;
constexpr uint64_t kPayload = kSoftDirty - 1;
constexpr int kSwapTypeBits = 5;  // MAX_SWAPFILES_SHIFT; ours is area 0

uint64_t WordFor(const PhysMem& phys, const Entry& e) {
  uint64_t word = e.flags.has(EntryFlag::kSoftDirty) ? kSoftDirty : 0;
  word |= e.flags.has(EntryFlag::kUffdWp) ? kUffdWp : 0;
  if (e.present()) {
    word |= kPresent | (e.payload & kPayload);
    if (e.counted()) {
      const Frame& folio = phys.folio(e.pfn());
      const Frame& page = phys.frame(e.pfn());
      word |= IsAnon(folio) ? 0 : kFile;
      word |= PageMapcount(folio, page) == 1 ? kExclusive : 0;
    }
  } else if (e.kind == EntryKind::kMarker) {
    word |= kSwapped | (e.marker(kMarkerUffdWp) ? kUffdWp : 0) |
            (e.marker(kMarkerGuard) ? kGuard : 0);
  } else if (e.swap()) {
    word |= kSwapped | (e.slot().value() << kSwapTypeBits & kPayload);
  } else {
    word |= kSwapped | (e.payload & kPayload);
  }
  return word;
}

}  // namespace

size_t ReadPagemap(AddressSpace& mm, uint64_t first, absl::Span<uint64_t> out) {
  const int shift = mm.page_shift().value();
  const PagingGeometry& geometry = mm.system().arch().geometry();
  const uint64_t end = mm.system().arch().layout().user_end.value() >> shift;
  if (first >= end) {
    return 0;
  }
  const size_t count = size_t(std::min<uint64_t>(out.size(), end - first));
  std::fill_n(out.begin(), count, 0);
  const GuestRange range{GuestAddr(first << shift),
                         GuestAddr((first + count) << shift)};
  ReadGuard guard(mm.mmap_lock());
  const Vma* v = mm.vmas().FindAtOrAbove(range.start);
  for (; v != nullptr && v->range.start < range.end; v = mm.vmas().Next(*v)) {
    const GuestRange part = v->range.Intersect(range);
    if (v->has(VmaFlag::kSoftDirty)) {
      std::fill_n(out.begin() + int64_t((part.start - range.start) >> shift),
                  part.size() >> shift, kSoftDirty);
    }
    mm.page_table().ForEach(part, [&](const EntryRef& ref, const Entry& e) {
      const GuestRange covered =
          GuestRange::At(ref.address, geometry.EntryBytes(ref.level))
              .Intersect(part);
      uint64_t word = WordFor(mm.system().phys(), e);
      // A page in the middle of a huge one has its own frame number.
      word += e.present() ? (covered.start - ref.address) >> shift : 0;
      for (GuestAddr a = covered.start; a < covered.end;
           a += uint64_t{1} << shift) {
        out[(a - range.start) >> shift] |= word;
        word += e.present() ? 1 : 0;
      }
      return true;
    });
  }
  return count;
}

}  // namespace faultline::mm
