#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_HUGETLB_FIXTURE_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_HUGETLB_FIXTURE_H_

// HugetlbTest: a machine of either architecture with a pool of huge pages, and
// the words for mapping them. Places are numbered in huge pages from kBase.
// Everything is validated when the test ends.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/hugetlb/hugetlb_file.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {

class TestHugetlbFile : public MappedFile {
 public:
  TestHugetlbFile(MemoryManager& system, uint64_t size,
                  std::shared_ptr<HugePageSubpool> subpool = nullptr)
      : file_(system.phys(), system.hugetlb(), *system.hugetlb().default_pool(),
              std::move(subpool)) {
    file_.Extend(size);
  }
  Mapping& mapping() override { return file_.mapping(); }
  HugetlbFile* hugetlb() override { return &file_; }
  std::string MapsName() const override { return "/huge"; }
  uint32_t dev_major() const override { return 0; }
  uint32_t dev_minor() const override { return 1; }
  uint64_t ino() const override { return 1; }

 private:
  HugetlbFile file_;
};

class HugetlbTest : public testing::TestWithParam<const ArchOps*> {
 protected:
  static constexpr uint64_t kBase = 0x40000000;
  static constexpr uint64_t kHuge = 2 << 20;
  static constexpr uint64_t kPrivate =
      kMapPrivate | kMapAnonymous | kMapHugeTlb;
  static constexpr uint64_t kShared = kMapShared | kMapAnonymous | kMapHugeTlb;

  explicit HugetlbTest(uint64_t pages = 4, uint64_t memory = 64 << 20)
      : m_(*GetParam(), memory), mm_(m_.NewSpace()) {
    mm_.mmap_base = GuestAddr(0x7f0000000000);
    pool().SetPersistent(pages);
  }
  ~HugetlbTest() override {
    // Whatever a test maps, the end of it leaves nothing reserved.
    for (AddressSpace* const child : children_) {
      m_.Drop(*child);
    }
    m_.Drop(mm_);
    EXPECT_EQ(pool().reserved(), 0u);
    EXPECT_EQ(pool().free(), pool().total());
  }

  HugePagePool& pool() { return *m_.system().hugetlb().default_pool(); }
  static GuestAddr At(uint64_t huge) { return GuestAddr(kBase + huge * kHuge); }
  ErrnoOr<GuestAddr> TryMap(uint64_t at, uint64_t pages, uint64_t flags,
                            std::shared_ptr<MappedFile> file = nullptr) {
    MmapRequest r;
    r.hint = At(at);
    r.length = pages * kHuge;
    r.prot = 3;
    r.flags = flags | kMapFixed;
    r.file = std::move(file);
    return Mmap(mm_, r);
  }
  void Map(uint64_t at, uint64_t pages, uint64_t flags = kPrivate,
           std::shared_ptr<MappedFile> file = nullptr) {
    ASSERT_TRUE(TryMap(at, pages, flags, std::move(file)).ok());
    m_.ValidateStep();
  }
  bool Store(uint64_t at, uint8_t value) {
    return m_.Store(mm_, At(at), value);
  }
  int Load(uint64_t at) { return m_.Load(mm_, At(at)); }
  bool Present(uint64_t at) { return m_.EntryAt(mm_, At(at)).present(); }
  AddressSpace& Fork() {
    AddressSpace& child = m_.Adopt(*DupMm(mm_));
    children_.push_back(&child);
    return child;
  }

  TestMachine m_;
  AddressSpace& mm_;
  std::vector<AddressSpace*> children_;
};

#define INSTANTIATE_HUGETLB_TEST(Name)                          \
  INSTANTIATE_TEST_SUITE_P(                                     \
      Archs, Name, testing::Values(&x86::Ops(), &arm64::Ops()), \
      [](const auto& p) { return std::string(p.param->name()); })

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_HUGETLB_FIXTURE_H_
