#include "plugin/engine/code_aliases.h"

#include <gtest/gtest.h>

namespace faultline::engine {
namespace {

constexpr mm::Pfn kFrame{5};
constexpr uint64_t kHere = 0x7f0000001000, kThere = 0x7f0000002000;

TEST(CodeAliasesTest, OneAddressMayFetchAndStore) {
  CodeAliases aliases(mm::PageCount(8));
  EXPECT_TRUE(aliases.AddStore(kFrame, kHere));
  EXPECT_TRUE(aliases.AddFetch(kFrame, kHere));
  EXPECT_TRUE(aliases.AddStore(kFrame, kHere));
  EXPECT_TRUE(aliases.MayFetch(kFrame));
}

TEST(CodeAliasesTest, TwoAddressesMayFetchOrStoreButNotBoth) {
  CodeAliases aliases(mm::PageCount(8));
  EXPECT_TRUE(aliases.AddStore(kFrame, kHere));
  EXPECT_TRUE(aliases.AddStore(kFrame, kThere));
  EXPECT_FALSE(aliases.AddFetch(kFrame, kHere));
  EXPECT_FALSE(aliases.MayFetch(kFrame));
  aliases.Forget();
  EXPECT_TRUE(aliases.AddFetch(kFrame, kHere));
  EXPECT_TRUE(aliases.AddFetch(kFrame, kThere));
  EXPECT_FALSE(aliases.AddStore(kFrame, kHere));
}

TEST(CodeAliasesTest, OtherFramesAreNotConcerned) {
  CodeAliases aliases(mm::PageCount(8));
  EXPECT_TRUE(aliases.AddFetch(kFrame, kHere));
  EXPECT_TRUE(aliases.AddStore(kFrame + 1, kThere));
  EXPECT_FALSE(aliases.MayFetch(kFrame + 1));
}

TEST(CodeAliasesTest, TagsMakeAddressesDiffer) {
  CodeAliases aliases(mm::PageCount(8));
  EXPECT_TRUE(aliases.AddFetch(kFrame, kHere));
  EXPECT_FALSE(aliases.AddStore(kFrame, kHere | uint64_t{3} << 56));
}

TEST(CodeAliasesTest, ForgetEmptiesBothSides) {
  CodeAliases aliases(mm::PageCount(8));
  EXPECT_TRUE(aliases.AddFetch(kFrame, kHere));
  aliases.Forget();
  EXPECT_FALSE(aliases.MayFetch(kFrame));
  EXPECT_TRUE(aliases.AddStore(kFrame, kThere));
}

}  // namespace
}  // namespace faultline::engine
