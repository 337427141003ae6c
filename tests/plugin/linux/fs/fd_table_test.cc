#include "plugin/linux/fs/fd_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  FdTable table_;
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
  const std::shared_ptr<FdTable> copy = table_.Copy();
  EXPECT_EQ(copy->Get(0)->get(), table_.Get(0)->get());
  ASSERT_TRUE(table_.Close(0).ok());
  EXPECT_TRUE(copy->Get(0).ok());
  EXPECT_EQ(table_.Get(0).error(), Errno::kEBADF);
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
