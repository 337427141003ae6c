#include "plugin/linux/fs/host_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace faultline::os {
namespace {

int OpenNull() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

TEST(HostFdTest, IsClosedWhenItGoes) {
  int fd = -1;
  {
    const HostFd owner(OpenNull());
    fd = owner.get();
    EXPECT_TRUE(IsOpen(fd));
  }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(KeptHostFdsTest, WhatWasOpenStaysAndWhatCameLaterGoes) {
  // A gap in the numbers, which later ones could fill.
  const int low = OpenNull(), high = OpenNull();
  ::close(low);
  KeptHostFds kept;
  std::optional<HostFd> before(OpenNull());
  const int early = before->get();
  kept.Mark();
  for (int round = 0; round < 3; ++round) {
    CloseHostFd(early);
    const HostFd later(OpenNull());
    EXPECT_GT(later.get(), early);
    const int fd = later.get();
    EXPECT_TRUE(IsOpen(early));
    kept.PutBack();
    EXPECT_TRUE(IsOpen(early));
    EXPECT_TRUE(IsOpen(high));
    EXPECT_FALSE(IsOpen(fd));
  }
  before.reset();
  ::close(early);
  ::close(high);
}

TEST(KeptHostFdsTest, AfterItDescriptorsAreClosedAgain) {
  { const KeptHostFds kept; }
  const int fd = OpenNull();
  CloseHostFd(fd);
  EXPECT_FALSE(IsOpen(fd));
}

TEST(TouchForHostTest, WritesToEveryPageAndNowhereElse) {
  std::vector<std::byte> bytes(3 * 4096 + 2, std::byte{1});
  TouchForHost(absl::MakeSpan(bytes).subspan(1, 2 * 4096 + 1));
  EXPECT_EQ(bytes[0], std::byte{1});
  for (size_t at : {size_t{1}, size_t{4097}, size_t{2 * 4096 + 1}}) {
    EXPECT_EQ(bytes[at], std::byte{0}) << at;
  }
  EXPECT_EQ(std::count(bytes.begin(), bytes.end(), std::byte{0}), 3);
  TouchForHost({});
}

}  // namespace
}  // namespace faultline::os
