#include "plugin/api/plugin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PluginSpecTest, IsAFileAndItsOptions) {
  const PluginSpec spec = PluginSpec::Parse("/a/b.so,x=1,y=,z");
  EXPECT_EQ(spec.file, "/a/b.so");
  EXPECT_THAT(spec.args, ElementsAre("x=1", "y=", "z=on"));
  EXPECT_THAT(PluginSpec::Parse("/a/b.so").args, IsEmpty());
}

// QEMU's own ways to say the same.
TEST(PluginSpecTest, TakesWhatQemuTakes) {
  EXPECT_EQ(PluginSpec::Parse("file=/a/b.so,x=1").file, "/a/b.so");
  EXPECT_THAT(PluginSpec::Parse("/b.so,arg=inline").args,
              ElementsAre("inline=on"));
  const PluginSpec commas = PluginSpec::Parse("/a,,b.so,x=1,,2,y=3");
  EXPECT_EQ(commas.file, "/a,b.so");
  EXPECT_THAT(commas.args, ElementsAre("x=1,2", "y=3"));
}

TEST(PluginSpecTest, ANameIsOfThisFolder) {
  EXPECT_EQ(PluginSpec::Parse("b.so").file, "./b.so");
}

}  // namespace
}  // namespace faultline::api
