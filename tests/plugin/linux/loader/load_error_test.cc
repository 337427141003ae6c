#include "plugin/linux/loader/load_error.h"

#include "gtest/gtest.h"

namespace faultline::os {
namespace {

TEST(LoadErrorTest, CarriesItsNumberBesideTheText) {
  const absl::Status s = LoadError(Errno::kELIBBAD, "bad interpreter");
  EXPECT_FALSE(s.ok());
  EXPECT_EQ(s.message(), "bad interpreter");
  EXPECT_EQ(ErrnoOf(s), Errno::kELIBBAD);
}

TEST(LoadErrorTest, AnyOtherStatusIsNotExecutable) {
  EXPECT_EQ(ErrnoOf(absl::InternalError("x")), Errno::kENOEXEC);
}

}  // namespace
}  // namespace faultline::os
