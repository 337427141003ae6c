#include "guest_mm/base/errno.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

namespace faultline {
namespace {

TEST(ErrnoTest, EveryNumberHasLinuxsName) {
  for (int n = 1; n <= EHWPOISON; ++n) {
    const char* name = ::strerrorname_np(n);
    const std::string expected = n == EOPNOTSUPP   ? "EOPNOTSUPP"
                                 : name == nullptr ? "E?"
                                                   : name;
    EXPECT_EQ(ErrnoName(Errno(n)), expected) << n;
  }
}

TEST(ErrnoTest, AResultIsAValueOrANumber) {
  const ErrnoOr<int> value = 5;
  EXPECT_TRUE(value.ok());
  EXPECT_EQ(*value, 5);
  EXPECT_EQ(value.error(), Errno::kOk);
  const ErrnoOr<int> error = Errno::kEINVAL;
  EXPECT_FALSE(error.ok());
  EXPECT_EQ(error.error(), Errno::kEINVAL);
}

ErrnoOr<std::unique_ptr<int>> Make(bool works) {
  if (!works) {
    return Errno::kENOMEM;
  }
  return std::make_unique<int>(7);
}

ErrnoOr<int> TakeOne(bool works, bool* reached) {
  FL_ASSIGN(const std::unique_ptr<int> made, Make(works));
  *reached = true;
  return *made;
}

ErrnoOr<Done> Try(ErrnoOr<Done> first, bool* reached) {
  FL_TRY(std::move(first));
  *reached = true;
  return kDone;
}

TEST(ErrnoTest, AnErrorLeavesTheFunctionAtOnce) {
  bool reached = false;
  EXPECT_EQ(TakeOne(false, &reached).error(), Errno::kENOMEM);
  EXPECT_FALSE(reached);
  EXPECT_EQ(Try(Errno::kEIO, &reached).error(), Errno::kEIO);
  EXPECT_FALSE(reached);
}

TEST(ErrnoTest, AValueIsMovedOutAndGoesOn) {
  bool reached = false;
  EXPECT_EQ(*TakeOne(true, &reached), 7);
  EXPECT_TRUE(reached);
  reached = false;
  EXPECT_TRUE(Try(kDone, &reached).ok());
  EXPECT_TRUE(reached);
}

}  // namespace
}  // namespace faultline
