#include "plugin/inject/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace faultline::inject {
namespace {

using ::testing::HasSubstr;

// As ToString() has it, or what is wrong.
std::string Parsed(const std::string& text) {
  const auto rule = ParseRule(text);
  return rule.ok() ? ToString(*rule) : std::string(rule.status().message());
}

TEST(RuleTest, SaysWhatItWasGiven) {
  for (const char* text :
       {"alloc.anon=fail", "alloc.*:nth=3=fail", "slab:every=10=fail",
        "alloc.table.pte:task=worker:addr=0x1000-0x2000=fail",
        "pte.lock.locked:nth=1:pc=main=signal:KILL", "tlb.flush=delay:50",
        "pmd.lock:addr=0x200000-0x200001=reclaim",
        "syscall.enter:task=101=collapse:0x7f0000000000",
        "page.alloc=tag:15"}) {
    EXPECT_EQ(Parsed(text), text);
  }
}

TEST(RuleTest, WhatIsLeftOutHasADefault) {
  EXPECT_EQ(Parsed("alloc.anon"), "alloc.anon=fail");
  EXPECT_EQ(Parsed("alloc.anon:nth=2"), "alloc.anon:nth=2=fail");
  EXPECT_EQ(Parsed("slab:addr=1000"), "slab:addr=0x1000-0x1001=fail");
  EXPECT_EQ(Parsed("slab:p=0.25"), "slab:p=0.25=fail");
}

TEST(RuleTest, SaysWhatIsWrong) {
  const struct {
    const char* text;
    const char* why;
  } kBad[] = {
      {"", "name of a site"},
      {"=fail", "name of a site"},
      {"a b", "name of a site"},
      {"*", "name of a site"},
      {"slab:", "KEY=VALUE"},
      {"slab:nth", "KEY=VALUE"},
      {"slab:nth=", "number from 1"},
      {"slab:nth=0", "number from 1"},
      {"slab:nth=-1", "number from 1"},
      {"slab:nth=99999999999999999999", "number from 1"},
      {"slab:every=x", "number from 1"},
      {"slab:p=2", "probability"},
      {"slab:p=nan", "probability"},
      {"slab:nth=1:nth=2", "says nth= twice"},
      {"slab:nth=1:every=2", "only one of"},
      {"slab:task=", "thread's name"},
      {"slab:addr=2000-1000", "FIRST-END"},
      {"slab:addr=ffffffffffffffff", "FIRST-END"},
      {"slab:addr=zz", "FIRST-END"},
      {"slab:pc=", "symbol"},
      {"slab:colour=red", "no condition is called 'colour'"},
      {"slab=explode", "no action is called 'explode'"},
      {"slab=fail:now", "takes nothing"},
      {"slab=signal:NONE", "wants NAME"},
      {"slab=delay:soon", "wants ROUNDS"},
      {"slab=tag:16", "wants N"},
      {"slab=reclaim:here", "wants ADDRESS"},
  };
  for (const auto& bad : kBad) {
    const auto rule = ParseRule(bad.text);
    ASSERT_FALSE(rule.ok()) << bad.text;
    EXPECT_EQ(rule.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(rule.status().message()), HasSubstr(bad.why))
        << bad.text;
  }
}

TEST(RuleTest, ActionsAreInTheOrderOfTheirKinds) {
  for (const ActionInfo& info : Actions()) {
    EXPECT_EQ(InfoOf(info.kind).name, std::string(info.name));
  }
}

}  // namespace
}  // namespace faultline::inject
