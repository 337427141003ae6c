#ifndef FAULTLINE_TESTS_GUEST_MM_VMA_VMA_SET_MODEL_H_
#define FAULTLINE_TESTS_GUEST_MM_VMA_VMA_SET_MODEL_H_

// VmaSetModel: a VmaSet and its dumb double, an array with one cell a page,
// driven by the same stream of numbers. After every step the set must be the
// array cut into its longest runs. Shared by the random test and the fuzzer.
// (Nothing is ever faulted in: the rules about AnonVmas have their own tests.)

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "arch_x86/arch_ops.h"
#include "guest_mm/base/check.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {

class VmaSetModel {
 public:
  // `next(n)` gives a number below n.
  using Source = std::function<uint64_t(uint64_t n)>;
  explicit VmaSetModel(Source next)
      : next_(std::move(next)),
        machine_(x86::Ops(), 1 << 20),
        mm_(machine_.NewSpace()) {
    for (auto& file : files_) {
      file = machine_.NewFile(Mapping::Kind::kShmem, "");
    }
  }

  void Step() {
    const uint64_t first = next_(kPages);
    const GuestRange r =
        Range(first, first + 1 + next_(std::min<uint64_t>(kPages - first, 12)));
    switch (next_(4)) {
      case 0:
      case 1:
        Insert(r);
        break;
      case 2:
        Modify(r);
        break;
      default:
        Remove(r);
        break;
    }
    Compare();
    CompareGaps();
  }

 private:
  static constexpr uint64_t kPages = 64;
  static constexpr uint64_t kPage = 4096;
  static constexpr uint64_t kFirst = 100;  // page number of cell 0

  struct Cell {
    VmaFlags flags;
    int file = -1;  // -1: anonymous
    uint64_t pgoff = 0;
    friend bool operator==(const Cell&, const Cell&) = default;
  };

  static GuestRange Range(uint64_t first, uint64_t end) {
    return {GuestAddr((kFirst + first) * kPage),
            GuestAddr((kFirst + end) * kPage)};
  }
  static uint64_t Index(GuestAddr a) { return a.value() / kPage - kFirst; }
  VmaFlags AnyFlags() {
    VmaFlags f = VmaFlags::FromProt(Prot(unsigned(next_(4))));
    return f.set(VmaFlag::kDontCopy, next_(4) == 0)
        .set(VmaFlag::kLocked, next_(4) == 0);
  }

  void Insert(GuestRange r) {
    for (uint64_t i = Index(r.start); i < Index(r.end); ++i) {
      if (cells_[i]) {
        FL_CHECK(mm_.vmas().Overlaps(r));
        return;
      }
    }
    FL_CHECK(!mm_.vmas().Overlaps(r));
    auto v = std::make_unique<Vma>();
    v->range = r;
    v->flags = AnyFlags();
    const int file = int(next_(3)) - 1;
    // Offsets near the address, so that neighbours are often in step.
    v->pgoff = r.start.value() / kPage + (file >= 0 ? next_(2) : 0);
    for (uint64_t i = Index(r.start); i < Index(r.end); ++i) {
      cells_[i] = Cell{v->flags, file, v->pgoff + i - Index(r.start)};
    }
    if (file >= 0) {
      v->file = files_[size_t(file)];
    }
    const Vma& in = mm_.vmas().Insert(std::move(v));
    FL_CHECK(in.range.Contains(r));
  }

  void Modify(GuestRange r) {
    Vma* v = mm_.vmas().FindAtOrAbove(r.start);
    if (v == nullptr || !v->range.Overlaps(r)) {
      return;
    }
    r = r.Intersect(v->range);
    const VmaFlags flags = AnyFlags();
    for (uint64_t i = Index(r.start); i < Index(r.end); ++i) {
      cells_[i]->flags = flags;
    }
    if (v->flags == flags) {
      return;
    }
    const auto covering = mm_.vmas().ModifyFlags(*v, r, flags);
    FL_CHECK(covering.ok() && (*covering)->range.Contains(r));
  }

  void Remove(GuestRange r) {
    VmaSet& set = mm_.vmas();
    Vma* v = set.FindAtOrAbove(r.start);
    while (v != nullptr && v->range.start < r.end) {
      if (v->range.start < r.start) {
        v = set.Split(*v, r.start).value();
      }
      if (v->range.end > r.end) {
        (void)set.Split(*v, r.end).value();
      }
      Vma* next = set.Next(*v);
      const auto removed = set.Remove(*v);
      FL_CHECK(r.Contains(removed->range));
      v = next;
    }
    for (uint64_t i = Index(r.start); i < Index(r.end); ++i) {
      cells_[i].reset();
    }
  }

  bool SameRun(uint64_t i) const {
    if (i == 0 || !cells_[i - 1] || !cells_[i]) {
      return false;
    }
    Cell expected = *cells_[i - 1];
    ++expected.pgoff;
    return expected == *cells_[i];
  }

  void Compare() const {
    mm_.vmas().Validate();
    for (const auto& file : files_) {
      file->mapping().Validate();
    }
    const Vma* v = mm_.vmas().First();
    for (uint64_t i = 0; i < kPages;) {
      if (!cells_[i]) {
        FL_CHECK(mm_.vmas().Find(Range(i, i + 1).start) == nullptr);
        ++i;
        continue;
      }
      uint64_t end = i + 1;
      while (end < kPages && SameRun(end)) {
        ++end;
      }
      FL_CHECK(v != nullptr && v->range == Range(i, end));
      FL_CHECK(v->flags == cells_[i]->flags && v->pgoff == cells_[i]->pgoff);
      FL_CHECK(
          v->file ==
          (cells_[i]->file < 0 ? nullptr : files_[size_t(cells_[i]->file)]));
      v = mm_.vmas().Next(*v);
      i = end;
    }
    FL_CHECK(v == nullptr);
  }

  bool Free(uint64_t first, uint64_t count) const {
    return std::none_of(cells_.begin() + int64_t(first),
                        cells_.begin() + int64_t(first + count),
                        [](const auto& cell) { return cell.has_value(); });
  }

  void CompareGaps() {
    const uint64_t low = next_(kPages);
    const uint64_t high = low + next_(kPages - low + 1);
    const uint64_t want = 1 + next_(8);
    std::optional<uint64_t> lowest;
    std::optional<uint64_t> highest;
    for (uint64_t i = low; i + want <= high; ++i) {
      if (Free(i, want)) {
        lowest = lowest ? lowest : i;
        highest = i;
      }
    }
    const GuestRange within = Range(low, high);
    const auto down = mm_.vmas().FindGapTopDown(want * kPage, within, kPage);
    const auto up = mm_.vmas().FindGapBottomUp(want * kPage, within, kPage);
    FL_CHECK(down.ok() == highest.has_value());
    FL_CHECK(up.ok() == lowest.has_value());
    if (highest) {
      FL_CHECK(Index(*down) == *highest && Index(*up) == *lowest);
    }
  }

  Source next_;
  TestMachine machine_;
  std::array<std::shared_ptr<TestFile>, 2> files_;
  AddressSpace& mm_;
  std::array<std::optional<Cell>, kPages> cells_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_VMA_VMA_SET_MODEL_H_
