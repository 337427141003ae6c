#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_CALLS_FIXTURE_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_CALLS_FIXTURE_H_

// CallsTest: one address space on a small machine, and the words that tests of
// the memory calls are written in. Pages are numbered from kBase; everything
// is validated after each mapping and access, whenever rows are asked for, and
// when the test ends.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "arch_x86/arch_ops.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/calls/calls.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {

MATCHER(Succeeds, "") {
  *result_listener << "with " << arg.error();
  return arg.ok();
}
MATCHER_P(FailsWith, errno_value, "") {
  *result_listener << "with " << arg.error();
  return arg.error() == errno_value;
}

class CallsTest : public testing::Test {
 protected:
  static constexpr uint64_t kPage = 4096;
  static constexpr uint64_t kBase = 0x10000000;
  static constexpr uint64_t kRW = 3;
  static constexpr uint64_t kAnon = kMapPrivate | kMapAnonymous;
  static constexpr uint64_t kAnonShared = kMapShared | kMapAnonymous;

  explicit CallsTest(uint64_t swap_bytes = 0,
                     const BehaviourSet& behaviours = {})
      : machine_(x86::Ops(), 16 << 20, swap_bytes, behaviours),
        mm_(machine_.NewSpace()) {
    mm_.mmap_base = GuestAddr(0x7f0000000000);
  }

  static GuestAddr At(uint64_t page) { return GuestAddr(kBase + page * kPage); }
  static MmapRequest Request(GuestAddr hint, uint64_t pages, uint64_t prot,
                             uint64_t flags) {
    MmapRequest r;
    r.hint = hint;
    r.length = pages * kPage;
    r.prot = prot;
    r.flags = flags;
    return r;
  }
  // Maps at a fixed place; the test has no business going on if that fails.
  void Map(uint64_t page, uint64_t pages, uint64_t prot = kRW,
           uint64_t flags = kAnon) {
    ASSERT_THAT(Mmap(mm_, Request(At(page), pages, prot, flags | kMapFixed)),
                Succeeds());
    machine_.ValidateStep();
  }
  void MapFile(uint64_t page, uint64_t pages, uint64_t prot, uint64_t flags,
               std::shared_ptr<MappedFile> file, uint64_t pgoff = 0) {
    MmapRequest r = Request(At(page), pages, prot, flags | kMapFixed);
    r.file = std::move(file);
    r.pgoff = pgoff;
    ASSERT_THAT(Mmap(mm_, r), Succeeds());
    machine_.ValidateStep();
  }
  // Stores a byte that tells the page, in each of them.
  void Fill(uint64_t page, uint64_t pages) {
    for (uint64_t i = page; i < page + pages; ++i) {
      ASSERT_TRUE(machine_.Store(mm_, At(i), uint8_t(i + 1)));
    }
  }
  int Load(uint64_t page) { return machine_.Load(mm_, At(page)); }
  bool Store(uint64_t page, uint8_t value) {
    return machine_.Store(mm_, At(page), value);
  }
  bool Present(uint64_t page) {
    return machine_.EntryAt(mm_, At(page)).present();
  }
  Vma& VmaAt(uint64_t page) { return *mm_.vmas().Find(At(page)); }

  // "0-4 rw-p", a row for each VMA, pages relative to kBase.
  static std::vector<std::string> Rows(const AddressSpace& mm) {
    std::vector<std::string> rows;
    for (const Vma& v : mm.vmas()) {
      rows.push_back(absl::StrFormat(
          "%d-%d %s%c", (v.range.start.value() - kBase) / kPage,
          (v.range.end.value() - kBase) / kPage, ToString(v.prot()),
          v.has(VmaFlag::kMayShare) ? 's' : 'p'));
    }
    return rows;
  }
  std::vector<std::string> Rows() {
    machine_.ValidateStep();
    return Rows(mm_);
  }

  // Makes the nth allocation of a frame from now on fail, and only that one;
  // `*failed` tells whether it was reached.
  void FailNthAllocation(int n, bool* failed) {
    *failed = false;
    machine_.FailAllocations([n, failed](AllocPurpose) mutable {
      *failed = *failed || n == 0;
      return n-- == 0;
    });
  }

  TestMachine machine_;
  AddressSpace& mm_;
};

using Row = std::vector<std::string>;

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_CALLS_FIXTURE_H_
