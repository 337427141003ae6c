#include "arch_arm64/paging_geometry.h"

#include "absl/types/span.h"

namespace faultline::arm64 {
namespace {

// From the pte level up. Names are Linux's with unused middle levels folded.
constexpr mm::PagingLevel k4K48Levels[] = {
    {"pte", 12, 9, true},
    {"pmd", 21, 9, true},
    {"pud", 30, 9, true},
    {"pgd", 39, 9, false},
};
constexpr mm::PagingLevel k4K39Levels[] = {
    {"pte", 12, 9, true},
    {"pmd", 21, 9, true},
    {"pgd", 30, 9, true},
};
constexpr mm::PagingLevel k4K52Levels[] = {
    {"pte", 12, 9, true},  {"pmd", 21, 9, true},  {"pud", 30, 9, true},
    {"p4d", 39, 9, false}, {"pgd", 48, 4, false},
};
constexpr mm::PagingLevel k16K47Levels[] = {
    {"pte", 14, 11, true},
    {"pmd", 25, 11, true},
    {"pgd", 36, 11, false},
};
constexpr mm::PagingLevel k16K48Levels[] = {
    {"pte", 14, 11, true},
    {"pmd", 25, 11, true},
    {"pud", 36, 11, false},
    {"pgd", 47, 1, false},
};
constexpr mm::PagingLevel k64K42Levels[] = {
    {"pte", 16, 13, true},
    {"pgd", 29, 13, true},
};
constexpr mm::PagingLevel k64K48Levels[] = {
    {"pte", 16, 13, true},
    {"pmd", 29, 13, true},
    {"pgd", 42, 6, false},
};

constexpr mm::PageShift k16K{14};
constexpr mm::PageShift k64K{16};
constexpr mm::PagingGeometry Geometry(
    mm::PageShift page_shift, absl::Span<const mm::PagingLevel> levels) {
  return {.page_shift = page_shift, .levels = levels, .memory_tags = true};
}
constexpr mm::PagingGeometry k4K48 = Geometry(mm::kPageShift4K, k4K48Levels);
constexpr mm::PagingGeometry k4K39 = Geometry(mm::kPageShift4K, k4K39Levels);
constexpr mm::PagingGeometry k4K52 = Geometry(mm::kPageShift4K, k4K52Levels);
constexpr mm::PagingGeometry k16K47 = Geometry(k16K, k16K47Levels);
constexpr mm::PagingGeometry k16K48 = Geometry(k16K, k16K48Levels);
constexpr mm::PagingGeometry k64K42 = Geometry(k64K, k64K42Levels);
constexpr mm::PagingGeometry k64K48 = Geometry(k64K, k64K48Levels);

}  // namespace

const mm::PagingGeometry& GeometryOf(Paging paging) {
  switch (paging) {
    case Paging::k4K48:
      return k4K48;
    case Paging::k4K39:
      return k4K39;
    case Paging::k4K52:
      return k4K52;
    case Paging::k16K47:
      return k16K47;
    case Paging::k16K48:
      return k16K48;
    case Paging::k64K42:
      return k64K42;
    case Paging::k64K48:
      return k64K48;
  }
  return k4K48;
}

}  // namespace faultline::arm64
