#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_HUGE_FILE_FIXTURE_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_HUGE_FILE_FIXTURE_H_

// HugeFileTest: HugeTest with a shmem file of two huge pages' size, whose pages
// are to be collapsed, and mappings of it.

#include <memory>

#include "guest_mm/calls/shared_anon.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/vma/vma.h"
#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {

inline constexpr int kAdviseDontNeed = 4;
inline constexpr int kAdvisePageOut = 21;
inline constexpr int kAdviseCollapse = 25;
inline constexpr int kAdviseGuard = 102;

class HugeFileTest : public HugeTest {
 protected:
  using HugeTest::HugeTest;
  void SetUp() override { file_ = *MakeSharedAnon(mm_, 2 * huge(), {}); }
  void TearDown() override { m_.Validate(); }

  Mapping& mapping() { return file_->mapping(); }
  void MapFile(AddressSpace& mm, GuestAddr at, uint64_t bytes,
               uint64_t flags = kMapShared, uint64_t pgoff = 0) {
    MmapRequest r;
    r.hint = at;
    r.length = bytes;
    r.prot = kRW;
    r.flags = flags | kMapFixed;
    r.file = file_;
    r.pgoff = pgoff;
    ASSERT_TRUE(Mmap(mm, r).ok());
  }
  void MapFile(GuestAddr at, uint64_t bytes, uint64_t flags = kMapShared,
               uint64_t pgoff = 0) {
    MapFile(mm_, at, bytes, flags, pgoff);
  }
  // Stores in the first `count` pages of huge page `h` what tells them apart.
  void Fill(uint64_t h, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      ASSERT_TRUE(Store(Huge(h, i), uint8_t(i + 1)));
    }
  }
  Errno Collapse(GuestAddr a) {
    return Madvise(mm_, a, huge(), kAdviseCollapse).error();
  }
  Vma& VmaAt(GuestAddr a) { return *mm_.vmas().Find(a); }
  Frame& PageAt(uint64_t index) {
    return m_.phys().folio(*mapping().Find(index));
  }
  uint64_t Times(ScanResult result) { return thp().results[size_t(result)]; }

  std::shared_ptr<MappedFile> file_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_HUGE_FILE_FIXTURE_H_
