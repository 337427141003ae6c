#include "plugin/trace/kinds.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::trace {
namespace {

using mm::TraceKind;
using ::testing::HasSubstr;

TEST(KindNameTest, NamesEveryKind) {
  for (int i = 0; i < mm::kTraceKinds; ++i) {
    EXPECT_FALSE(KindName(TraceKind(i)).empty());
  }
  EXPECT_EQ(KindName(TraceKind::kUnknown), "unknown");
}

TEST(ParseKindsTest, TakesNamesAndSets) {
  EXPECT_EQ(*ParseKinds("usual"), kUsualKinds);
  EXPECT_EQ(*ParseKinds("all"), kAllKinds);
  EXPECT_EQ(*ParseKinds("usual,point"), kAllKinds);
  EXPECT_EQ(*ParseKinds("fault,vma"),
            KindBit(TraceKind::kFault) | KindBit(TraceKind::kVma));
  const auto wrong = ParseKinds("fault,wault");
  ASSERT_FALSE(wrong.ok());
  EXPECT_THAT(std::string(wrong.status().message()),
              HasSubstr("no kind of event 'wault': usual, all, fault"));
}

}  // namespace
}  // namespace faultline::trace
