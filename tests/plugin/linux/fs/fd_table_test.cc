#include "plugin/linux/fs/fd_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest_mm/phys/phys_mem.h"

namespace faultline::os {
namespace {

using ::testing::ElementsAre;

class FakeFile : public File {
 public:
  explicit FakeFile(int* closes, uint32_t flags = 0)
      : File(flags), closes_(closes) {}
  std::string LinkName() const override { return "fake"; }
  void DescriptorClosed(const void*) override { ++*closes_; }

 private:
  int* closes_;
};

class FdTableTest : public ::testing::Test {
 protected:
  std::shared_ptr<File> NewFile(uint32_t flags = 0) {
    return std::make_shared<FakeFile>(&closes_, flags);
  }
  int Install(CloseOnExec cloexec = CloseOnExec::kNo, int min = 0) {
    return *table_.Install(NewFile(), cloexec, 16, min);
  }
  int closes_ = 0;
  std::unique_ptr<mm::PhysMem> phys_ =
      mm::PhysMem::Create(1 << 20, mm::kPageShift4K).value();
  std::shared_ptr<mm::Slab> slab_ = mm::Slab::Create(*phys_);
  FdTable table_{slab_};
};

TEST_F(FdTableTest, GivesTheLowestFreeNumber) {
  EXPECT_EQ(Install(), 0);
  EXPECT_EQ(Install(), 1);
  EXPECT_EQ(Install(), 2);
  ASSERT_TRUE(table_.Close(1).ok());
  ASSERT_TRUE(table_.Close(0).ok());
  EXPECT_EQ(Install(), 0);
  EXPECT_EQ(Install(), 1);
  EXPECT_EQ(Install(), 3);
}

TEST_F(FdTableTest, AMinimumDoesNotHideFreeNumbersBelowIt) {
  EXPECT_EQ(Install(CloseOnExec::kNo, 10), 10);
  EXPECT_EQ(Install(CloseOnExec::kNo, 10), 11);
  EXPECT_EQ(Install(), 0);
}

TEST_F(FdTableTest, RunsOutAtTheLimit) {
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(Install(), i);
  }
  EXPECT_EQ(table_.Install(NewFile(), CloseOnExec::kNo, 16).error(),
            Errno::kEMFILE);
  EXPECT_EQ(table_.InstallAt(16, NewFile(), CloseOnExec::kNo, 16).error(),
            Errno::kEBADF);
}

TEST_F(FdTableTest, InstallAtClosesWhatWasThere) {
  Install();
  EXPECT_EQ(*table_.InstallAt(0, NewFile(), CloseOnExec::kNo, 16), 0);
  EXPECT_EQ(closes_, 1);
  EXPECT_EQ(*table_.InstallAt(5, NewFile(), CloseOnExec::kNo, 16), 5);
  EXPECT_THAT(table_.List(), ElementsAre(0, 5));
  EXPECT_EQ(Install(), 1);
}

TEST_F(FdTableTest, ExecClosesOnlyMarkedDescriptors) {
  Install(CloseOnExec::kYes);
  Install();
  Install(CloseOnExec::kYes);
  ASSERT_TRUE(table_.set_close_on_exec(2, CloseOnExec::kNo).ok());
  table_.CloseForExec();
  EXPECT_THAT(table_.List(), ElementsAre(1, 2));
  EXPECT_EQ(Install(), 0);
}

TEST_F(FdTableTest, ACopySharesFilesButNotSlots) {
  Install();
  const std::shared_ptr<FdTable> copy = table_.Copy().value();
  EXPECT_EQ(copy->Get(0)->get(), table_.Get(0)->get());
  ASSERT_TRUE(table_.Close(0).ok());
  EXPECT_TRUE(copy->Get(0).ok());
  EXPECT_EQ(table_.Get(0).error(), Errno::kEBADF);
}

TEST_F(FdTableTest, AHugeTableIsPaidForByTheGuest) {
  constexpr uint64_t kAll = 1048576;
  EXPECT_EQ(table_.InstallAt(int(kAll) - 1, NewFile(), CloseOnExec::kNo, kAll)
                .error(),
            Errno::kENOMEM);
  EXPECT_EQ(table_.InstallAt(1000, NewFile(), CloseOnExec::kNo, kAll).value(),
            1000);
  EXPECT_GE(slab_->charged(), 1000u * 16);
  const std::shared_ptr<FdTable> copy = table_.Copy().value();
  EXPECT_GE(slab_->charged(), 2 * 1000u * 16);
}

TEST_F(FdTableTest, AFileIsPaidForOnceAndAsLongAsItLives) {
  std::shared_ptr<File> file = NewFile();
  Install();
  const size_t before = slab_->charged();
  ASSERT_TRUE(table_.Install(file, CloseOnExec::kNo, 16).ok());
  ASSERT_TRUE(table_.Install(file, CloseOnExec::kNo, 16).ok());
  EXPECT_GE(slab_->charged(), before + File::kKernelBytes);
  EXPECT_LT(slab_->charged(), before + 2 * File::kKernelBytes);
  table_.CloseAll();
  file.reset();
  EXPECT_LT(slab_->charged(), before);
}

TEST_F(FdTableTest, GetRefusesPathOnlyFiles) {
  ASSERT_TRUE(table_.Install(NewFile(kO_PATH), CloseOnExec::kNo, 16).ok());
  EXPECT_EQ(table_.Get(0).error(), Errno::kEBADF);
  EXPECT_TRUE(table_.GetAny(0).ok());
  EXPECT_EQ(table_.GetAny(-1).error(), Errno::kEBADF);
  EXPECT_EQ(table_.GetAny(1).error(), Errno::kEBADF);
}

}  // namespace
}  // namespace faultline::os
