#include <gtest/gtest.h>

#include "tests/plugin/linux/fs/test_vfs.h"

namespace faultline::os {
namespace {

class RegularInodeTest : public VfsTest {
 protected:
  void SetUp() override { Touch("/f"); }
  RegularInode& file() { return *Regular("/f"); }
};

TEST_F(RegularInodeTest, BytesComeBackAcrossPages) {
  std::string text;
  for (int i = 0; i < 10000; ++i) {
    text += char('a' + i % 26);
  }
  Write("/f", 100, text);
  EXPECT_EQ(Stat("/f").size, 10100u);
  EXPECT_EQ(Read("/f", 100), text);
  EXPECT_EQ(Read("/f", 0, 102), absl::StrCat(std::string(100, '\0'), "ab"));
  EXPECT_EQ(Read("/f", 10100), "");
}

TEST_F(RegularInodeTest, AHoleReadsAsZerosAndTakesNoPages) {
  Write("/f", 1 << 20, "x");
  EXPECT_EQ(Stat("/f").blocks, 8u);
  EXPECT_EQ(Read("/f", 4096, 8), std::string(8, '\0'));
  EXPECT_EQ(Stat("/f").blocks, 8u);
}

TEST_F(RegularInodeTest, ShrinkingZeroesWhatLaterGrowsBack) {
  Write("/f", 0, std::string(5000, 'x'));
  ASSERT_TRUE(file().Truncate(10).ok());
  ASSERT_TRUE(file().Truncate(20).ok());
  EXPECT_EQ(Read("/f"),
            absl::StrCat(std::string(10, 'x'), std::string(10, '\0')));
}

TEST_F(RegularInodeTest, SeekFindsDataAndHoles) {
  using Seek = RegularInode::Seek;
  Write("/f", 0, "x");
  Write("/f", 3 * 4096, "y");
  EXPECT_EQ(*file().SeekDataOrHole(0, Seek::kHole), 4096u);
  EXPECT_EQ(*file().SeekDataOrHole(100, Seek::kData), 100u);
  EXPECT_EQ(*file().SeekDataOrHole(5000, Seek::kData), 3u * 4096);
  EXPECT_EQ(*file().SeekDataOrHole(3 * 4096, Seek::kHole), 3u * 4096 + 1);
  ASSERT_TRUE(file().Truncate(10 * 4096).ok());
  EXPECT_EQ(Outcome(file().SeekDataOrHole(5 * 4096, Seek::kData)), "ENXIO");
}

TEST_F(RegularInodeTest, WritingTakesSetIdBitsAway) {
  AttrChange change;
  change.mode = kS_ISUID | kS_ISGID | 0775;
  ASSERT_TRUE(file().SetAttr(change).ok());
  Write("/f", 0, "x");
  EXPECT_EQ(Stat("/f").mode, kS_IFREG | 0775u);
}

TEST_F(RegularInodeTest, PunchingKeepsTheSize) {
  Write("/f", 0, std::string(3 * 4096, 'x'));
  ASSERT_TRUE(file().Allocate(3, 4096, 4096).ok());
  EXPECT_EQ(Stat("/f").size, 3u * 4096);
  EXPECT_EQ(Stat("/f").blocks, 16u);
  EXPECT_EQ(Read("/f", 4096, 4), std::string(4, '\0'));
  ASSERT_TRUE(file().Allocate(0, 0, 5 * 4096).ok());
  EXPECT_EQ(Stat("/f").size, 5u * 4096);
  EXPECT_EQ(Stat("/f").blocks, 40u);
}

TEST_F(RegularInodeTest, SealsHold) {
  file().set_seals(0);
  Write("/f", 0, "text");
  EXPECT_EQ(Outcome(file().AddSeals(0x100)), "EINVAL");
  ASSERT_TRUE(file().AddSeals(kSealShrink | kSealGrow).ok());
  EXPECT_EQ(Outcome(file().Truncate(1)), "EPERM");
  EXPECT_EQ(Outcome(file().Truncate(9)), "EPERM");
  Write("/f", 0, "TE");
  ASSERT_TRUE(file().AddSeals(kSealWrite | kSealSeal).ok());
  IovIter from = IovIter::Kernel(
      absl::MakeConstSpan(reinterpret_cast<const std::byte*>("x"), 1));
  EXPECT_EQ(Outcome(file().WritePages(0, from)), "EPERM");
  EXPECT_EQ(Outcome(file().AddSeals(kSealExec)), "EPERM");
  EXPECT_EQ(Read("/f"), "TExt");
}

TEST_F(RegularInodeTest, AFullMachineEndsAWriteShort) {
  const std::string much(1 << 20, 'x');
  uint64_t total = 0;
  while (true) {
    IovIter from = IovIter::Kernel(absl::MakeConstSpan(
        reinterpret_cast<const std::byte*>(much.data()), much.size()));
    const ErrnoOr<uint64_t> n = file().WritePages(total, from);
    if (!n.ok()) {
      EXPECT_EQ(n.error(), Errno::kENOMEM);
      break;
    }
    total += *n;
    ASSERT_LE(total, kMemory);
  }
  EXPECT_EQ(Stat("/f").size, total);
  ASSERT_TRUE(file().Truncate(0).ok());
  phys_->Validate();
}

TEST_F(RegularInodeTest, AnUnlinkedFileLivesWhileItIsOpen) {
  Write("/f", 0, "text");
  const uint64_t before = phys_->free().value();
  auto open = *Open("/f", kO_RDONLY);
  ASSERT_TRUE(Unlink("/f").ok());
  EXPECT_EQ(open->Stat().nlink, 0u);
  EXPECT_EQ(open->Stat().size, 4u);
  open.reset();
  EXPECT_EQ(phys_->free().value(), before + 1);
}

}  // namespace
}  // namespace faultline::os
