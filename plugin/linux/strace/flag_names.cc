#include "plugin/linux/strace/flag_names.h"

#include <bit>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {
namespace {

struct Name {
  uint64_t bits;
  std::string_view name;
};

// The names of `table` that are wholly set, then what is left in hexadecimal.
std::string Join(uint64_t value, absl::Span<const Name> table,
                 std::string start = "") {
  for (const Name& n : table) {
    if ((value & n.bits) == n.bits) {
      absl::StrAppendFormat(&start, "%s%s", start.empty() ? "" : "|", n.name);
      value &= ~n.bits;
    }
  }
  if (value != 0) {
    absl::StrAppendFormat(&start, "%s0x%x", start.empty() ? "" : "|", value);
  }
  return start;
}

std::string OneOf(uint64_t value, absl::Span<const Name> table) {
  for (const Name& n : table) {
    if (n.bits == value) {
      return std::string(n.name);
    }
  }
  return absl::StrCat(value);
}

constexpr Name kOpen[] = {
    {0100, "O_CREAT"},       {0200, "O_EXCL"},         {0400, "O_NOCTTY"},
    {01000, "O_TRUNC"},      {02000, "O_APPEND"},      {04000, "O_NONBLOCK"},
    {04010000, "O_SYNC"},    {010000, "O_DSYNC"},      {020200000, "O_TMPFILE"},
    {040000, "O_DIRECT"},    {0100000, "O_LARGEFILE"}, {0200000, "O_DIRECTORY"},
    {0400000, "O_NOFOLLOW"}, {01000000, "O_NOATIME"},  {02000000, "O_CLOEXEC"},
    {010000000, "O_PATH"}};
constexpr Name kProt[] = {
    {1, "PROT_READ"}, {2, "PROT_WRITE"}, {4, "PROT_EXEC"}, {0x20, "PROT_MTE"}};
constexpr Name kMap[] = {
    {0x10, "MAP_FIXED"},      {0x20, "MAP_ANONYMOUS"},
    {0x40, "MAP_32BIT"},      {0x100, "MAP_GROWSDOWN"},
    {0x800, "MAP_DENYWRITE"}, {0x1000, "MAP_EXECUTABLE"},
    {0x2000, "MAP_LOCKED"},   {0x4000, "MAP_NORESERVE"},
    {0x8000, "MAP_POPULATE"}, {0x10000, "MAP_NONBLOCK"},
    {0x20000, "MAP_STACK"},   {0x40000, "MAP_HUGETLB"},
    {0x80000, "MAP_SYNC"},    {0x100000, "MAP_FIXED_NOREPLACE"}};
constexpr Name kClone[] = {{0x100, "CLONE_VM"},
                           {0x200, "CLONE_FS"},
                           {0x400, "CLONE_FILES"},
                           {0x800, "CLONE_SIGHAND"},
                           {0x1000, "CLONE_PIDFD"},
                           {0x4000, "CLONE_VFORK"},
                           {0x8000, "CLONE_PARENT"},
                           {0x10000, "CLONE_THREAD"},
                           {0x40000, "CLONE_SYSVSEM"},
                           {0x80000, "CLONE_SETTLS"},
                           {0x100000, "CLONE_PARENT_SETTID"},
                           {0x200000, "CLONE_CHILD_CLEARTID"},
                           {0x400000, "CLONE_DETACHED"},
                           {0x1000000, "CLONE_CHILD_SETTID"}};
constexpr Name kAdvice[] = {
    {0, "MADV_NORMAL"},          {1, "MADV_RANDOM"},
    {2, "MADV_SEQUENTIAL"},      {3, "MADV_WILLNEED"},
    {4, "MADV_DONTNEED"},        {8, "MADV_FREE"},
    {9, "MADV_REMOVE"},          {10, "MADV_DONTFORK"},
    {11, "MADV_DOFORK"},         {12, "MADV_MERGEABLE"},
    {13, "MADV_UNMERGEABLE"},    {14, "MADV_HUGEPAGE"},
    {15, "MADV_NOHUGEPAGE"},     {16, "MADV_DONTDUMP"},
    {17, "MADV_DODUMP"},         {18, "MADV_WIPEONFORK"},
    {19, "MADV_KEEPONFORK"},     {20, "MADV_COLD"},
    {21, "MADV_PAGEOUT"},        {22, "MADV_POPULATE_READ"},
    {23, "MADV_POPULATE_WRITE"}, {24, "MADV_DONTNEED_LOCKED"},
    {25, "MADV_COLLAPSE"},       {100, "MADV_HWPOISON"},
    {101, "MADV_SOFT_OFFLINE"},  {102, "MADV_GUARD_INSTALL"},
    {103, "MADV_GUARD_REMOVE"}};
constexpr Name kClock[] = {
    {0, "CLOCK_REALTIME"},           {1, "CLOCK_MONOTONIC"},
    {2, "CLOCK_PROCESS_CPUTIME_ID"}, {3, "CLOCK_THREAD_CPUTIME_ID"},
    {4, "CLOCK_MONOTONIC_RAW"},      {5, "CLOCK_REALTIME_COARSE"},
    {6, "CLOCK_MONOTONIC_COARSE"},   {7, "CLOCK_BOOTTIME"}};
constexpr Name kFutex[] = {{0, "FUTEX_WAIT"},
                           {1, "FUTEX_WAKE"},
                           {3, "FUTEX_REQUEUE"},
                           {4, "FUTEX_CMP_REQUEUE"},
                           {5, "FUTEX_WAKE_OP"},
                           {6, "FUTEX_LOCK_PI"},
                           {7, "FUTEX_UNLOCK_PI"},
                           {8, "FUTEX_TRYLOCK_PI"},
                           {9, "FUTEX_WAIT_BITSET"},
                           {10, "FUTEX_WAKE_BITSET"},
                           {11, "FUTEX_WAIT_REQUEUE_PI"},
                           {12, "FUTEX_CMP_REQUEUE_PI"},
                           {13, "FUTEX_LOCK_PI2"}};

// Without "SIG", as lists show them.
std::string_view ShortSignalName(int signo) {
  std::string_view name = SignalName(signo);
  name.remove_prefix(3);
  return name;
}

}  // namespace

std::string OpenFlagNames(uint64_t flags) {
  static constexpr const char* kAccess[] = {"O_RDONLY", "O_WRONLY", "O_RDWR",
                                            "O_ACCMODE"};
  return Join(flags & ~uint64_t{3}, kOpen, kAccess[flags & 3]);
}

std::string ProtNames(uint64_t prot) {
  return prot == 0 ? "PROT_NONE" : Join(prot, kProt);
}

std::string MapFlagNames(uint64_t flags) {
  static constexpr const char* kType[] = {"MAP_FILE", "MAP_SHARED",
                                          "MAP_PRIVATE", "MAP_SHARED_VALIDATE"};
  return Join(flags & ~uint64_t{3}, kMap, kType[flags & 3]);
}

std::string CloneFlagNames(uint64_t flags) {
  std::string out = Join(flags & ~uint64_t{0xff}, kClone);
  if ((flags & 0xff) != 0) {
    absl::StrAppendFormat(&out, "%s%s", out.empty() ? "" : "|",
                          SignalName(int(flags & 0xff)));
  }
  return out.empty() ? "0" : out;
}

std::string AdviceName(uint64_t advice) { return OneOf(advice, kAdvice); }
std::string ClockName(uint64_t clock) { return OneOf(clock, kClock); }

std::string FutexOperationName(uint64_t op) {
  constexpr uint64_t kPrivate = 128, kRealtime = 256;
  std::string name = OneOf(op & 127, kFutex);
  name += (op & kPrivate) != 0 ? "_PRIVATE" : "";
  name += (op & kRealtime) != 0 ? "|FUTEX_CLOCK_REALTIME" : "";
  return name;
}

std::string SigprocmaskHowName(uint64_t how) {
  static constexpr Name kHow[] = {
      {0, "SIG_BLOCK"}, {1, "SIG_UNBLOCK"}, {2, "SIG_SETMASK"}};
  return OneOf(how, kHow);
}

std::string SignalSetNames(uint64_t bits) {
  // More than half: shorter to say which are missing.
  const bool inverted = std::popcount(bits) > 32;
  const SignalSet set(inverted ? ~bits : bits);
  std::string out;
  for (int signo = 1; signo <= kSigMax; ++signo) {
    if (set.has(signo)) {
      absl::StrAppendFormat(&out, "%s%s", out.empty() ? "" : " ",
                            ShortSignalName(signo));
    }
  }
  return absl::StrFormat("%s[%s]", inverted ? "~" : "", out);
}

}  // namespace faultline::os
