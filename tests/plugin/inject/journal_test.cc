// Covers: plugin/inject/sweep_report.cc
#include "plugin/inject/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "plugin/inject/sweep_report.h"

namespace faultline::inject {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SweepHead Head() {
  SweepHead head;
  head.words = {"--mem", "16M", "./prog", "a \"b\"\xff"};
  head.cwd = "/here";
  head.rules = {"slab=fail"};
  head.passings = {11};
  head.baseline = {.code = 0, .output = 0xfedcba9876543210, .virtual_ns = 9};
  head.limit_ns = 1000;
  return head;
}

SweepRow Row(uint64_t nth, End end) {
  SweepRow row{.inject = "slab:nth=" + std::to_string(nth) + "=fail",
               .site = "slab",
               .end = end,
               .run = {.code = 0, .output = 7, .virtual_ns = 8},
               .detail = ""};
  if (end == End::kSignal) {
    row.run = {.killed = true, .code = 11};
  }
  return row;
}

std::string Sample() {
  return HeadLine(Head()) + RowLine(Row(10, End::kSame)) +
         RowLine(Row(2, End::kSignal)) + RowLine(Row(3, End::kCrash)) +
         TokenLine({"slab", End::kCrash}, "flt1+x");
}

TEST(JournalTest, ReadsWhatItWrote) {
  const auto record = ParseJournal(Sample(), "f");
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->head.cwd, "/here");
  EXPECT_EQ(record->head.baseline.output, 0xfedcba9876543210);
  EXPECT_THAT(record->head.passings, ElementsAre(11));
  ASSERT_EQ(record->rows.size(), 3u);
  const SweepRow& killed = record->rows.at("slab:nth=2=fail");
  EXPECT_TRUE(killed.run.killed);
  EXPECT_EQ(killed.run.code, 11);
  EXPECT_EQ(killed.end, End::kSignal);
  EXPECT_EQ(record->tokens.at({"slab", End::kCrash}), "flt1+x");
}

TEST(JournalTest, EveryCutOfTheEndIsAShorterJournal) {
  const std::string whole = Sample();
  const size_t head = HeadLine(Head()).size();
  for (size_t n = head; n < whole.size(); ++n) {
    EXPECT_TRUE(ParseJournal(whole.substr(0, n), "f").ok()) << n;
  }
  for (size_t n = 0; n + 1 < head; ++n) {
    EXPECT_FALSE(ParseJournal(whole.substr(0, n), "f").ok()) << n;
  }
}

TEST(JournalTest, SaysWhichLineIsWrong) {
  const auto why = [](const std::string& text) {
    return std::string(ParseJournal(text, "f").status().message());
  };
  EXPECT_THAT(why(""), HasSubstr("empty"));
  EXPECT_THAT(why("hello\n"), HasSubstr("f:1: not the beginning"));
  EXPECT_THAT(why("[]\n"), HasSubstr("f:1"));
  EXPECT_THAT(why(HeadLine(Head()) + "{}\n"), HasSubstr("f:2: not a line"));
  EXPECT_THAT(why(HeadLine(Head()) + R"({"inject":1,"site":"s"})"
                                     "\n"),
              HasSubstr("f:2"));
}

TEST(JournalTest, MergesShardsOfOneSweepOnly) {
  SweepRecord all = *ParseJournal(Sample(), "a");
  SweepRecord more =
      *ParseJournal(HeadLine(Head()) + RowLine(Row(4, End::kSame)), "b");
  EXPECT_EQ(Missing(all), 8u);
  EXPECT_TRUE(Merge(all, more, "b").ok());
  EXPECT_EQ(all.rows.size(), 4u);
  EXPECT_EQ(Missing(all), 7u);
  more.head.passings = {12};
  EXPECT_THAT(std::string(Merge(all, more, "b").message()),
              HasSubstr("b: of another sweep"));
}

TEST(SweepReportTest, TheTableCountsEndsBySite) {
  const std::string table = SweepTable(*ParseJournal(Sample(), "f"));
  EXPECT_THAT(table, HasSubstr("\nslab                                 1"));
  EXPECT_THAT(table, HasSubstr("3 experiments, 8 not made"));
  EXPECT_THAT(table, HasSubstr("slab crash\n  faultline replay flt1+x"));
}

TEST(SweepReportTest, OnlyViolationsFail) {
  const SweepRecord record = *ParseJournal(Sample(), "f");
  EXPECT_TRUE(Violated(record));
  const std::string junit = SweepJunit(record);
  EXPECT_THAT(junit, HasSubstr("tests=\"3\" failures=\"1\""));
  EXPECT_THAT(junit, HasSubstr("name=\"slab:nth=3=fail\"><failure message="
                               "\"crash: exit 0\">flt1+x</failure>"));
  const std::string ktap = SweepKtap(record);
  EXPECT_THAT(ktap, HasSubstr("1..3\nok 1 slab:nth=2=fail # signal: signal 11\n"
                              "not ok 2 slab:nth=3=fail # crash: exit 0\n"
                              "ok 3 slab:nth=10=fail # same: exit 0\n"));
}

TEST(SweepReportTest, WhatIsNoXmlIsEscaped) {
  SweepRecord record = *ParseJournal(Sample(), "f");
  record.rows.begin()->second.detail = "a<b & \"c\"";
  record.rows.begin()->second.end = End::kCrash;
  EXPECT_THAT(SweepJunit(record), HasSubstr("a&lt;b &amp; &quot;c&quot;"));
}

}  // namespace
}  // namespace faultline::inject
