#include "plugin/linux/fs/iov_iter.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace faultline::os {
namespace {

TEST(IovIterTest, AKernelBufferIsConsumedFromTheFront) {
  std::array<std::byte, 8> buffer{};
  const std::array<std::byte, 3> abc = {std::byte{1}, std::byte{2},
                                        std::byte{3}};
  IovIter iter = IovIter::Kernel(absl::MakeSpan(buffer));
  EXPECT_EQ(iter.CopyTo(abc), 3u);
  EXPECT_EQ(iter.Clear(2), 2u);
  EXPECT_EQ(iter.remaining(), 3u);
  iter.Truncate(1);
  EXPECT_EQ(iter.CopyTo(abc), 1u);
  EXPECT_EQ(iter.remaining(), 0u);
  EXPECT_EQ(buffer[1], std::byte{2});
  EXPECT_EQ(buffer[5], std::byte{1});
  EXPECT_EQ(buffer[6], std::byte{0});
}

TEST(IovIterTest, TruncateNeverGrows) {
  std::array<std::byte, 8> buffer{};
  IovIter iter = IovIter::Kernel(absl::MakeSpan(buffer));
  iter.Truncate(100);
  EXPECT_EQ(iter.remaining(), 8u);
}

}  // namespace
}  // namespace faultline::os
