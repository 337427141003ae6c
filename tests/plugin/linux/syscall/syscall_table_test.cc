// The lists of calls, and the tables made of them.
// Covers: plugin/linux/syscall/list/credentials.cc
// Covers: plugin/linux/syscall/list/files.cc
// Covers: plugin/linux/syscall/list/futex.cc plugin/linux/syscall/list/ipc.cc
// Covers: plugin/linux/syscall/list/memory.cc
// Covers: plugin/linux/syscall/list/mounts.cc
// Covers: plugin/linux/syscall/list/process.cc
// Covers: plugin/linux/syscall/list/signals.cc
// Covers: plugin/linux/syscall/list/system.cc
// Covers: plugin/linux/syscall/list/time.cc

#include "plugin/linux/syscall/syscall_table.h"

#include <set>

#include "arch_arm64/syscall_numbers.h"
#include "arch_x86/syscall_numbers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::os {
namespace {

using engine::Arch;

TEST(SyscallTableTest, EveryNumberedCallIsInTheList) {
  for (const auto& [number, name] : x86::kSyscallNumbers) {
    EXPECT_NE(FindSyscall(name), nullptr) << name;
  }
  for (const auto& [number, name] : arm64::kSyscallNumbers) {
    EXPECT_NE(FindSyscall(name), nullptr) << name;
  }
}

TEST(SyscallTableTest, NumbersAscendWithoutRepeats) {
  int last = -1;
  for (const auto& [number, name] : x86::kSyscallNumbers) {
    EXPECT_GT(number, last) << name;
    last = number;
  }
  last = -1;
  for (const auto& [number, name] : arm64::kSyscallNumbers) {
    EXPECT_GT(number, last) << name;
    last = number;
  }
}

TEST(SyscallTableTest, FindsByNumberOnEachArchitecture) {
  EXPECT_EQ(SyscallTable::Of(Arch::kX86).Find(9)->name, "mmap");
  EXPECT_EQ(SyscallTable::Of(Arch::kArm64).Find(222)->name, "mmap");
  EXPECT_EQ(SyscallTable::Of(Arch::kX86).NumberOf("mseal"), 462);
  EXPECT_EQ(SyscallTable::Of(Arch::kArm64).NumberOf("fork"), -1);
}

TEST(SyscallTableTest, HolesAndNumbersBeyondTheEndAreNotFound) {
  EXPECT_EQ(SyscallTable::Of(Arch::kX86).Find(400), nullptr);
  EXPECT_EQ(SyscallTable::Of(Arch::kX86).Find(1u << 30), nullptr);
  EXPECT_EQ(SyscallTable::Of(Arch::kX86).Find(~uint64_t{0}), nullptr);
  EXPECT_EQ(SyscallTable::Of(Arch::kArm64).NameOf(9999), "syscall_9999");
}

TEST(SyscallTableTest, SupportLevelSaysWhetherThereIsAHandler) {
  for (const auto& [number, name] : x86::kSyscallNumbers) {
    const SyscallSpec* spec = FindSyscall(name);
    EXPECT_EQ(spec->handler == nullptr, spec->support == Support::kNone)
        << name;
    EXPECT_EQ(spec->support == Support::kPartial ||
                  spec->support == Support::kRefused,
              !spec->note.empty())
        << name << ": partial and refused calls say why, others do not";
  }
}

}  // namespace
}  // namespace faultline::os
