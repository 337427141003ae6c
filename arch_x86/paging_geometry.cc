#include "arch_x86/paging_geometry.h"

#include "absl/types/span.h"

namespace faultline::x86 {
namespace {

// From the pte level up; a shorter table is a prefix with its own root name.
constexpr mm::PagingLevel k4Levels[] = {
    {"pte", 12, 9, true},
    {"pmd", 21, 9, true},
    {"pud", 30, 9, true},
    {"pgd", 39, 9, false},
};
constexpr mm::PagingLevel k5Levels[] = {
    {"pte", 12, 9, true},  {"pmd", 21, 9, true},  {"pud", 30, 9, true},
    {"p4d", 39, 9, false}, {"pgd", 48, 9, false},
};

constexpr mm::PagingGeometry k4Level{mm::kPageShift4K, k4Levels, true};
constexpr mm::PagingGeometry k5Level{mm::kPageShift4K, k5Levels, true};

}  // namespace

const mm::PagingGeometry& GeometryOf(Paging paging) {
  return paging == Paging::k5Level ? k5Level : k4Level;
}

}  // namespace faultline::x86
