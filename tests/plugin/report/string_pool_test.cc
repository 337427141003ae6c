#include "plugin/report/string_pool.h"

#include <utility>

#include "gtest/gtest.h"

namespace faultline::report {
namespace {

TEST(StringPoolTest, GivesEachTextOneNumber) {
  StringPool pool;
  EXPECT_EQ(pool.Add(""), 0u);
  const uint32_t a = pool.Add("a");
  const uint32_t b = pool.Add("b");
  EXPECT_NE(a, b);
  EXPECT_EQ(pool.Add("a"), a);
  StringPool moved = std::move(pool);
  EXPECT_EQ(moved.Add("b"), b);
  EXPECT_EQ(moved[a], "a");
}

}  // namespace
}  // namespace faultline::report
