// Covers: plugin/report/trace_data.cc

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/report/trace_data.h"
#include "tests/plugin/report/test_trace.h"

namespace faultline::report {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const auto trace = ReadTrace("t.jsonl", text);
  EXPECT_FALSE(trace.ok());
  return std::string(trace.status().message());
}

TEST(ReadTraceTest, KeepsFieldsAndWhoRan) {
  const TraceData t =
      Trace({R"("kind":"alloc","event":"alloc","pfn":"0x18","order":9)",
             SwitchTo("sh/100"),
             R"("kind":"syscall","event":"brk","tid":100,"result":"0x0")"});
  ASSERT_EQ(t.size(), 3u);
  EXPECT_EQ(t.Number(0, "pfn"), 0x18u);
  EXPECT_EQ(t.Number(0, "order"), 9u);
  EXPECT_EQ(t.Field(0, "use"), std::nullopt);
  EXPECT_EQ(t.actor(0), 0u);
  EXPECT_EQ(t.strings()[t.actor(2)], "sh/100");
  EXPECT_EQ(t.event(2), "brk");
  EXPECT_EQ(t.time(2), 2u);
}

TEST(ReadTraceTest, HeaderSaysWhatItIs) {
  const auto t =
      ReadTrace("t", R"({"t":0,"kind":"trace","event":"begin","version":1,)"
                     R"("arch":"arm64","program":"/bin/sh","page":16384})");
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->header().arch, "arm64");
  EXPECT_EQ(t->header().program, "/bin/sh");
  EXPECT_EQ(t->header().page_bytes, 16384u);
}

TEST(ReadTraceTest, EndSaysWhatCameOut) {
  const TraceData t =
      Trace({R"("kind":"trace","event":"end","result":"violated: lost")"});
  EXPECT_EQ(t.verdict(), "violated: lost");
  EXPECT_EQ(t.size(), 0u);
}

TEST(ReadTraceTest, PassesOverKindsItDoesNotKnow) {
  const TraceData t =
      Trace({R"("kind":"of the future","event":"x")", SwitchTo("a")});
  EXPECT_EQ(t.size(), 1u);
}

TEST(ReadTraceTest, TheScheduleIsNoSwitch) {
  const TraceData t = Trace({SwitchTo("a"), SwitchTo("schedule")});
  EXPECT_EQ(t.strings()[t.actor(1)], "a");
}

TEST(ReadTraceTest, ErrorsNameTheLine) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("t.jsonl:1: not a trace"));
  EXPECT_THAT(ErrorOf("\n"), HasSubstr("t.jsonl:1: not a trace"));
  EXPECT_THAT(ErrorOf("{\"t\":0,\"kind\":\"vma\",\"event\":\"x\"}"),
              HasSubstr("t.jsonl:1: not a trace"));
  EXPECT_THAT(ErrorOf(R"({"t":0,"kind":"trace","event":"begin","version":9})"),
              HasSubstr("t.jsonl:1: a trace of version 9; this program reads"));
  EXPECT_THAT(ErrorOf(R"({"t":0,"kind":"trace","event":"begin",)"
                      R"("version":1,"page":100})"),
              HasSubstr("pages of 100 bytes"));
  const std::string good = kFirstLine + "\n";
  EXPECT_THAT(ErrorOf(good + "\n{\"t\":0,\"ki"),
              HasSubstr("t.jsonl:3: not an object"));
  EXPECT_THAT(ErrorOf(good + R"({"kind":"vma","event":"x"})"),
              HasSubstr("t.jsonl:2: no number \"t\""));
  EXPECT_THAT(ErrorOf(good + R"({"t":1,"event":"x"})"),
              HasSubstr("t.jsonl:2: no text \"kind\""));
  EXPECT_THAT(ErrorOf(good + R"({"t":1,"kind":"vma","event":"x","a":[1]})"),
              HasSubstr("\"a\" is neither text nor number"));
  EXPECT_THAT(ErrorOf(good + R"({"t":5,"kind":"vma","event":"x"})" + "\n" +
                      R"({"t":4,"kind":"vma","event":"x"})"),
              HasSubstr("t.jsonl:3: time goes backwards"));
}

}  // namespace
}  // namespace faultline::report
