#include "plugin/engine/code_aliases.h"

#include <gtest/gtest.h>

namespace faultline::engine {
namespace {

constexpr mm::Pfn kFrame{5};
constexpr uint64_t kHere = 0x7f0000001000, kThere = 0x7f0000002000;

class CodeAliasesTest : public testing::Test {
 protected:
  CodeAliases aliases_{mm::PageCount(8)};
};

TEST_F(CodeAliasesTest, AFrameMayBeFetchedWhereItIsStored) {
  aliases_.AddStore(kFrame, kHere);
  EXPECT_TRUE(aliases_.AddFetch(kFrame, kHere));
  aliases_.AddStore(kFrame, kHere);
  EXPECT_TRUE(aliases_.AddFetch(kFrame, kHere));
  EXPECT_TRUE(aliases_.MayFetch(kFrame));
}

TEST_F(CodeAliasesTest, ButNotElsewhere) {
  aliases_.AddStore(kFrame, kHere);
  EXPECT_FALSE(aliases_.AddFetch(kFrame, kThere));
  EXPECT_FALSE(aliases_.MayFetch(kFrame)) << "nothing was noted";
}

TEST_F(CodeAliasesTest, AFrameStoredAtTwoPlacesMayNotBeFetchedAtEither) {
  aliases_.AddStore(kFrame, kHere);
  aliases_.AddStore(kFrame, kThere);
  EXPECT_FALSE(aliases_.AddFetch(kFrame, kHere));
  EXPECT_FALSE(aliases_.AddFetch(kFrame, kThere));
  aliases_.AddStore(kFrame, kThere);
  EXPECT_FALSE(aliases_.AddFetch(kFrame, kThere));
}

TEST_F(CodeAliasesTest, FetchesAtManyPlacesAreNoTrouble) {
  EXPECT_TRUE(aliases_.AddFetch(kFrame, kHere));
  EXPECT_TRUE(aliases_.AddFetch(kFrame, kThere));
}

TEST_F(CodeAliasesTest, OtherFramesAreNotConcerned) {
  aliases_.AddStore(kFrame, kHere);
  EXPECT_TRUE(aliases_.AddFetch(kFrame + 1, kThere));
  EXPECT_FALSE(aliases_.MayFetch(kFrame));
}

TEST_F(CodeAliasesTest, TagsMakeAddressesDiffer) {
  aliases_.AddStore(kFrame, kHere | uint64_t{3} << 56);
  EXPECT_FALSE(aliases_.AddFetch(kFrame, kHere));
}

TEST_F(CodeAliasesTest, ForgetEmptiesBothSides) {
  aliases_.AddStore(kFrame, kHere);
  EXPECT_TRUE(aliases_.AddFetch(kFrame, kHere));
  aliases_.Forget();
  EXPECT_FALSE(aliases_.MayFetch(kFrame));
  EXPECT_TRUE(aliases_.AddFetch(kFrame, kThere));
}

}  // namespace
}  // namespace faultline::engine
