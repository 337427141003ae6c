#include "plugin/linux/loader/initial_stack.h"

#include <elf.h>

#include <cstring>
#include <string>

#include "gtest/gtest.h"

namespace faultline::os {
namespace {

constexpr uint64_t kTop = 0x7ffffffff000;

uint64_t WordAt(const StackLayout& s, uint64_t address) {
  uint64_t word = 0;
  std::memcpy(&word, s.bytes.data() + (address - s.sp), sizeof word);
  return word;
}

std::string StringAt(const StackLayout& s, uint64_t address) {
  return reinterpret_cast<const char*>(s.bytes.data() + (address - s.sp));
}

uint64_t Aux(const StackLayout& s, uint64_t key) {
  for (const auto& [k, v] : s.aux) {
    if (k == key) {
      return v;
    }
  }
  return ~uint64_t{0};
}

InitialStack Example() {
  InitialStack i;
  i.file_name = "/bin/prog";
  i.argv = {"prog", "one", ""};
  i.envp = {"A=1", "B=22"};
  i.platform = "x86_64";
  i.random = {1, 2, 3};
  i.aux = {{AT_PAGESZ, 4096}};
  return i;
}

TEST(InitialStackTest, StartsWithArgcArgvAndEnvp) {
  const StackLayout s = LayOutStack(Example(), kTop, 1 << 20).value();
  EXPECT_EQ(s.sp % 16, 0u);
  EXPECT_EQ(s.bytes.size(), kTop - s.sp);
  EXPECT_EQ(WordAt(s, s.sp), 3u);
  EXPECT_EQ(StringAt(s, WordAt(s, s.sp + 8)), "prog");
  EXPECT_EQ(StringAt(s, WordAt(s, s.sp + 16)), "one");
  EXPECT_EQ(StringAt(s, WordAt(s, s.sp + 24)), "");
  EXPECT_EQ(WordAt(s, s.sp + 32), 0u);
  EXPECT_EQ(StringAt(s, WordAt(s, s.sp + 40)), "A=1");
  EXPECT_EQ(StringAt(s, WordAt(s, s.sp + 48)), "B=22");
  EXPECT_EQ(WordAt(s, s.sp + 56), 0u);
  EXPECT_EQ(WordAt(s, s.sp + 64), uint64_t{AT_PAGESZ});
}

TEST(InitialStackTest, AuxiliaryVectorPointsAtStringsAndRandomBytes) {
  const StackLayout s = LayOutStack(Example(), kTop, 1 << 20).value();
  EXPECT_EQ(StringAt(s, Aux(s, AT_EXECFN)), "/bin/prog");
  EXPECT_EQ(StringAt(s, Aux(s, AT_PLATFORM)), "x86_64");
  EXPECT_EQ(WordAt(s, Aux(s, AT_RANDOM)), 0x030201u);
  EXPECT_EQ(s.aux.back(), (std::pair<uint64_t, uint64_t>{AT_NULL, 0}));
}

TEST(InitialStackTest, ArgumentStringsAreContiguousForProcCmdline) {
  const StackLayout s = LayOutStack(Example(), kTop, 1 << 20).value();
  const std::string all(
      reinterpret_cast<const char*>(s.bytes.data() + (s.arg_start - s.sp)),
      s.arg_end - s.arg_start);
  EXPECT_EQ(all, std::string("prog\0one\0\0", 10));
  EXPECT_EQ(s.arg_end, s.env_start);
}

TEST(InitialStackTest, SpIsAlignedForEveryNumberOfArguments) {
  for (int n = 1; n < 9; ++n) {
    InitialStack i = Example();
    i.argv.assign(size_t(n), "x");
    EXPECT_EQ(LayOutStack(i, kTop - 8 * n, 1 << 20).value().sp % 16, 0u) << n;
  }
}

TEST(InitialStackTest, TooMuchIsTooBig) {
  InitialStack i = Example();
  i.argv.back().assign(128 * 1024, 'x');
  EXPECT_EQ(LayOutStack(i, kTop, 1 << 20).error(), Errno::kE2BIG);
  i = Example();
  i.envp.assign(1000, std::string(1000, 'y'));
  EXPECT_EQ(LayOutStack(i, kTop, 128 << 10).error(), Errno::kE2BIG);
}

}  // namespace
}  // namespace faultline::os
