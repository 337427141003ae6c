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
#include <string_view>

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

// What the memory tests of LTP and of the kernel call.
constexpr std::string_view kCallsOfMemoryTests[] = {"access",
                                                    "alarm",
                                                    "arch_prctl",
                                                    "brk",
                                                    "capget",
                                                    "capset",
                                                    "chdir",
                                                    "chmod",
                                                    "chown",
                                                    "clock_getres",
                                                    "clock_gettime",
                                                    "clock_nanosleep",
                                                    "clone",
                                                    "clone3",
                                                    "close",
                                                    "connect",
                                                    "creat",
                                                    "dup",
                                                    "dup2",
                                                    "dup3",
                                                    "epoll_create1",
                                                    "epoll_ctl",
                                                    "epoll_pwait",
                                                    "epoll_wait",
                                                    "eventfd2",
                                                    "execve",
                                                    "exit",
                                                    "exit_group",
                                                    "faccessat",
                                                    "faccessat2",
                                                    "fadvise64",
                                                    "fallocate",
                                                    "fchmod",
                                                    "fcntl",
                                                    "fstat",
                                                    "fstatfs",
                                                    "fsync",
                                                    "ftruncate",
                                                    "futex",
                                                    "getcwd",
                                                    "getdents64",
                                                    "getegid",
                                                    "geteuid",
                                                    "getgid",
                                                    "getpid",
                                                    "getppid",
                                                    "getrandom",
                                                    "getresgid",
                                                    "getresuid",
                                                    "getrlimit",
                                                    "getrusage",
                                                    "gettid",
                                                    "getuid",
                                                    "get_mempolicy",
                                                    "ioctl",
                                                    "kill",
                                                    "lseek",
                                                    "madvise",
                                                    "mbind",
                                                    "membarrier",
                                                    "memfd_create",
                                                    "mincore",
                                                    "mkdir",
                                                    "mkdirat",
                                                    "mlock",
                                                    "mlock2",
                                                    "mlockall",
                                                    "mmap",
                                                    "mprotect",
                                                    "mremap",
                                                    "msync",
                                                    "munlock",
                                                    "munlockall",
                                                    "munmap",
                                                    "nanosleep",
                                                    "newfstatat",
                                                    "open",
                                                    "openat",
                                                    "pause",
                                                    "pidfd_open",
                                                    "pidfd_send_signal",
                                                    "pipe",
                                                    "pipe2",
                                                    "pkey_alloc",
                                                    "pkey_free",
                                                    "pkey_mprotect",
                                                    "poll",
                                                    "ppoll",
                                                    "prctl",
                                                    "pread64",
                                                    "prlimit64",
                                                    "process_mrelease",
                                                    "process_vm_readv",
                                                    "process_vm_writev",
                                                    "pselect6",
                                                    "pwrite64",
                                                    "read",
                                                    "readlink",
                                                    "readlinkat",
                                                    "readv",
                                                    "remap_file_pages",
                                                    "rmdir",
                                                    "rseq",
                                                    "rt_sigaction",
                                                    "rt_sigpending",
                                                    "rt_sigprocmask",
                                                    "rt_sigqueueinfo",
                                                    "rt_sigreturn",
                                                    "rt_sigsuspend",
                                                    "rt_sigtimedwait",
                                                    "rt_tgsigqueueinfo",
                                                    "sched_getaffinity",
                                                    "sched_yield",
                                                    "select",
                                                    "set_mempolicy",
                                                    "set_robust_list",
                                                    "set_tid_address",
                                                    "setgid",
                                                    "setgroups",
                                                    "setitimer",
                                                    "setpgid",
                                                    "setresuid",
                                                    "setuid",
                                                    "shmat",
                                                    "shmctl",
                                                    "shmdt",
                                                    "shmget",
                                                    "sigaltstack",
                                                    "socket",
                                                    "socketpair",
                                                    "statfs",
                                                    "sync",
                                                    "sysinfo",
                                                    "tgkill",
                                                    "timer_create",
                                                    "timer_delete",
                                                    "timer_getoverrun",
                                                    "timer_gettime",
                                                    "timer_settime",
                                                    "timerfd_create",
                                                    "timerfd_gettime",
                                                    "timerfd_settime",
                                                    "umask",
                                                    "uname",
                                                    "unlink",
                                                    "unlinkat",
                                                    "vfork",
                                                    "vmsplice",
                                                    "wait4",
                                                    "waitid",
                                                    "write",
                                                    "writev"};

TEST(SyscallTableTest, CallsOfTheMemoryTestsAreAnswered) {
  for (const std::string_view name : kCallsOfMemoryTests) {
    const SyscallSpec* spec = FindSyscall(name);
    ASSERT_NE(spec, nullptr) << name;
    EXPECT_NE(spec->handler, nullptr) << name;
  }
}

}  // namespace
}  // namespace faultline::os
