#include "plugin/linux/fs/file_locks.h"

#include <gtest/gtest.h>

namespace faultline::os {
namespace {

using Kind = FileLocks::Kind;
using Type = FileLocks::Type;

constexpr uint64_t kEnd = ~uint64_t{0};

class FileLocksTest : public ::testing::Test {
 protected:
  bool Set(const void* owner, Type type, uint64_t start, uint64_t end) {
    return locks_.Set(Kind::kRecord, {owner, 1, type, start, end}).ok();
  }
  bool WouldBlock(const void* owner, Type type, uint64_t start, uint64_t end) {
    return locks_.Conflict(Kind::kRecord, {owner, 1, type, start, end})
        .has_value();
  }
  FileLocks locks_;
  int a_ = 0, b_ = 0;  // two owners
};

TEST_F(FileLocksTest, ReadersShareAndAWriterDoesNot) {
  EXPECT_TRUE(Set(&a_, Type::kRead, 0, kEnd));
  EXPECT_TRUE(Set(&b_, Type::kRead, 0, kEnd));
  EXPECT_FALSE(Set(&a_, Type::kWrite, 5, 5));
  locks_.Clear(Kind::kRecord, &b_);
  EXPECT_TRUE(Set(&a_, Type::kWrite, 5, 5));
  EXPECT_TRUE(WouldBlock(&b_, Type::kRead, 5, 5));
  EXPECT_FALSE(WouldBlock(&b_, Type::kRead, 6, 9));
}

TEST_F(FileLocksTest, UnlockingTheMiddleLeavesBothSides) {
  EXPECT_TRUE(Set(&a_, Type::kWrite, 0, 99));
  locks_.Clear(Kind::kRecord, &a_, 40, 59);
  EXPECT_TRUE(WouldBlock(&b_, Type::kRead, 39, 39));
  EXPECT_FALSE(WouldBlock(&b_, Type::kRead, 40, 59));
  EXPECT_TRUE(WouldBlock(&b_, Type::kRead, 60, 60));
}

TEST_F(FileLocksTest, FlockAndRecordLocksDoNotMeet) {
  EXPECT_TRUE(Set(&a_, Type::kWrite, 0, kEnd));
  EXPECT_TRUE(locks_.Set(Kind::kFlock, {&b_, 1, Type::kWrite}).ok());
}

TEST_F(FileLocksTest, TheConflictNamesItsHolder) {
  EXPECT_TRUE(Set(&a_, Type::kWrite, 10, 19));
  const auto c = locks_.Conflict(Kind::kRecord, {&b_, 2, Type::kRead, 0, kEnd});
  ASSERT_TRUE(c.has_value());
  EXPECT_EQ(c->pid, 1);
  EXPECT_EQ(c->start, 10u);
  EXPECT_EQ(c->end, 19u);
}

}  // namespace
}  // namespace faultline::os
