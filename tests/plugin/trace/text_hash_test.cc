#include "plugin/trace/text_hash.h"

#include <gtest/gtest.h>

namespace faultline::trace {
namespace {

// Of the test vectors of draft-eastlake-fnv.
TEST(TextHashTest, IsFnv1a) {
  TextHash hash;
  EXPECT_EQ(hash.value(), 0xcbf29ce484222325u);
  hash.Add("foo");
  hash.Add("bar");
  EXPECT_EQ(hash.value(), 0x85944171f73967e8u);
}

}  // namespace
}  // namespace faultline::trace
