#include "plugin/engine/trap.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace faultline::engine {
namespace {

TEST(TrapTest, EveryKindHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int k = 0; k <= int(Trap::Kind::kEngineFailure); ++k) {
    names.insert(ToString(Trap::Kind(k)));
  }
  EXPECT_EQ(names.size(), size_t(Trap::Kind::kEngineFailure) + 1);
  EXPECT_EQ(names.count("?"), 0u);
}

}  // namespace
}  // namespace faultline::engine
