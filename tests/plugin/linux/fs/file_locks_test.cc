#include "plugin/linux/fs/file_locks.h"

#include <gtest/gtest.h>

#include <memory>

#include "guest_mm/phys/phys_mem.h"

namespace faultline::os {
namespace {

using Kind = FileLocks::Kind;
using Type = FileLocks::Type;

constexpr uint64_t kEnd = ~uint64_t{0};

class FileLocksTest : public ::testing::Test {
 protected:
  bool Set(const void* owner, Type type, uint64_t start, uint64_t end) {
    return locks_.Set(Kind::kRecord, {owner, 1, type, start, end}, *slab_).ok();
  }
  bool WouldBlock(const void* owner, Type type, uint64_t start, uint64_t end) {
    return locks_.Conflict(Kind::kRecord, {owner, 1, type, start, end})
        .has_value();
  }
  std::unique_ptr<mm::PhysMem> phys_ =
      *mm::PhysMem::Create(1 << 20, mm::kPageShift4K);
  std::shared_ptr<mm::Slab> slab_ = mm::Slab::Create(*phys_);
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
  ASSERT_TRUE(locks_.Unlock({&a_, 1, Type::kWrite, 40, 59}, *slab_).ok());
  EXPECT_TRUE(WouldBlock(&b_, Type::kRead, 39, 39));
  EXPECT_FALSE(WouldBlock(&b_, Type::kRead, 40, 59));
  EXPECT_TRUE(WouldBlock(&b_, Type::kRead, 60, 60));
}

TEST_F(FileLocksTest, FlockAndRecordLocksDoNotMeet) {
  EXPECT_TRUE(Set(&a_, Type::kWrite, 0, kEnd));
  EXPECT_TRUE(locks_.Set(Kind::kFlock, {&b_, 1, Type::kWrite}, *slab_).ok());
}

TEST_F(FileLocksTest, TheConflictNamesItsHolder) {
  EXPECT_TRUE(Set(&a_, Type::kWrite, 10, 19));
  const auto c = locks_.Conflict(Kind::kRecord, {&b_, 2, Type::kRead, 0, kEnd});
  ASSERT_TRUE(c.has_value());
  EXPECT_EQ(c->pid, 1);
  EXPECT_EQ(c->start, 10u);
  EXPECT_EQ(c->end, 19u);
}

TEST_F(FileLocksTest, NeighboursOfOneTypeAreOneLock) {
  EXPECT_TRUE(Set(&a_, Type::kWrite, 0, 9));
  EXPECT_TRUE(Set(&a_, Type::kWrite, 20, 29));
  EXPECT_TRUE(Set(&a_, Type::kWrite, 10, 19));
  const auto c = locks_.Conflict(Kind::kRecord, {&b_, 2, Type::kRead, 5, 5});
  ASSERT_TRUE(c.has_value());
  EXPECT_EQ(c->start, 0u);
  EXPECT_EQ(c->end, 29u);
}

TEST_F(FileLocksTest, LocksArePaidForUntilTheyGo) {
  for (uint64_t i = 0; i < 100; ++i) {
    EXPECT_TRUE(Set(&a_, Type::kWrite, 2 * i, 2 * i));
  }
  EXPECT_GE(slab_->charged(), 100u * sizeof(FileLocks::Lock));
  locks_.Clear(Kind::kRecord, &a_);
  EXPECT_EQ(slab_->charged(), 0u);
}

TEST_F(FileLocksTest, WithoutMemoryThereAreNoMoreLocks) {
  Errno error = Errno::kOk;
  for (uint64_t i = 0; i < 100'000 && error == Errno::kOk; ++i) {
    const auto set =
        locks_.Set(Kind::kRecord, {&a_, 1, Type::kWrite, 2 * i, 2 * i}, *slab_);
    error = set.ok() ? Errno::kOk : set.error();
  }
  EXPECT_EQ(error, Errno::kENOLCK);
  // Nor can one be split; but all can be given up.
  locks_.Clear(Kind::kRecord, &a_);
  EXPECT_TRUE(Set(&b_, Type::kWrite, 0, kEnd));
}

}  // namespace
}  // namespace faultline::os
