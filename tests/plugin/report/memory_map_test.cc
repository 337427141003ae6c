// Covers: plugin/report/page_state.cc

#include "plugin/report/memory_map.h"

#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/plugin/report/test_trace.h"

namespace faultline::report {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "ADDRESS[+ROWS] STATE START-END" of each span.
std::vector<std::string> Spans(const std::vector<std::string>& events) {
  const MemoryMap map = MakeMemoryMap(Trace(events));
  std::vector<std::string> out;
  for (const PageSpan& s : map.spans) {
    const std::string more =
        s.last_row > s.first_row
            ? absl::StrFormat("+%d", s.last_row - s.first_row)
            : "";
    out.push_back(
        absl::StrFormat("%x%s %s %d-%d", map.rows[s.first_row].address, more,
                        std::string(StateName(s.state)), s.start, s.end));
  }
  return out;
}

std::string Vma(const std::string& flags) {
  return R"("kind":"vma","event":"vma.insert","mm":1,"start":"0x1000",)"
         R"("end":"0x9000","prot":"rw-","flags":")" +
         flags + "\"";
}
std::string Fault(const std::string& address, const std::string& pfn) {
  return R"("kind":"fault","event":"fault","mm":1,"address":")" + address +
         R"(","pfn":")" + pfn + "\"";
}

TEST(MemoryMapTest, APageGoesFromStateToState) {
  EXPECT_THAT(
      Spans({SetEntry("pte", "0x1000", "none", "page pfn:0x2 usA"),
             SetEntry("pte", "0x1000", "page pfn:0x2 usA", "page pfn:0x5 uwAD"),
             SetEntry("pte", "0x1000", "page pfn:0x5 uwAD", "swap slot:3"),
             SetEntry("pte", "0x1000", "swap slot:3", "none"),
             SetEntry("pte", "0x2000", "none", "marker 0x1 W")}),
      ElementsAre("1000 zero page 0-1", "1000 mapped 1-2", "1000 swapped 2-3",
                  "2000 marker 4-5"));
}

// Young and dirty bits make no other state.
TEST(MemoryMapTest, TheSameStateAgainIsOneSpan) {
  EXPECT_THAT(Spans({SetEntry("pte", "0x1000", "none", "page pfn:0x5 uw"),
                     SetEntry("pte", "0x1000", "page pfn:0x5 uw",
                              "page pfn:0x5 uwAD")}),
              ElementsAre("1000 mapped 0-2"));
}

TEST(MemoryMapTest, ReadOnlyInAPrivateWritableMappingWaitsForItsCopy) {
  const auto events = [](const std::string& flags) {
    return std::vector<std::string>{
        Vma(flags), SetEntry("pte", "0x1000", "none", "page pfn:0x5 uA"),
        Fault("0x1008", "0x5")};
  };
  EXPECT_THAT(Spans(events("rd wr")), ElementsAre("1000 copy on write 1-3"));
  EXPECT_THAT(Spans(events("rd wr sh")), ElementsAre("1000 read-only 1-3"));
}

TEST(MemoryMapTest, AHugePageSpansTheRowsThatItCovers) {
  EXPECT_THAT(
      Spans({SetEntry("pte", "0x201000", "none", "page pfn:0x5 uw"),
             SetEntry("pte", "0x202000", "none", "page pfn:0x6 uw"),
             SetEntry("pte", "0x201000", "page pfn:0x5 uw", "none"),
             SetEntry("pte", "0x202000", "page pfn:0x6 uw", "none"),
             SetEntry("pmd", "0x200000", "none", "page pfn:0x200 uwAD"),
             SetEntry("pmd", "0x400000", "none", "page pfn:0x400 uwAD")}),
      ElementsAre("201000 mapped 0-2", "202000 mapped 1-3", "201000+1 huge 4-6",
                  "400000 huge 5-6"));
}

TEST(MemoryMapTest, PagesOfATableThatGoesAreDetachedUntilItComesBack) {
  const std::string page = "page pfn:0x5 uw";
  const std::vector<std::string> lost = {
      SetEntry("pmd", "0x200000", "none", "table pfn:0x9"),
      SetEntry("pte", "0x201000", "none", page),
      SetEntry("pmd", "0x200000", "table pfn:0x9", "none")};
  EXPECT_THAT(Spans(lost),
              ElementsAre("201000 mapped 1-2", "201000 detached 2-3"));
  std::vector<std::string> back = lost;
  back.push_back(SetEntry("pmd", "0x200000", "none", "table pfn:0x9"));
  EXPECT_THAT(Spans(back),
              ElementsAre("201000 mapped 1-2", "201000 detached 2-3",
                          "201000 mapped 3-4"));
  std::vector<std::string> cleared = lost;
  cleared.push_back(SetEntry("pte", "0x201000", page, "none"));
  cleared.push_back(SetEntry("pmd", "0x200000", "none", "table pfn:0x9"));
  EXPECT_THAT(Spans(cleared),
              ElementsAre("201000 mapped 1-2", "201000 detached 2-3"));
}

TEST(MemoryMapTest, FaultsTellWhoseATableIs) {
  const MemoryMap map =
      MakeMemoryMap(Trace({SetEntry("pte", "0x1000", "none", "page pfn:0x5 uA"),
                           Fault("0x1abc", "0x5")}));
  ASSERT_EQ(map.spaces.size(), 1u);
  EXPECT_EQ(map.spaces[0].root, 0x10u);
  EXPECT_EQ(map.spaces[0].mm, 1u);
}

TEST(MemoryMapTest, AFrameMayBeTheTopTableOfTwoSpaces) {
  const std::string alloc =
      R"("kind":"alloc","event":"alloc","pfn":"0x10","purpose":"table.root")";
  const std::string set = SetEntry("pte", "0x1000", "none", "page pfn:0x5 uw");
  const std::string clear =
      SetEntry("pte", "0x1000", "page pfn:0x5 uw", "none");
  const MemoryMap map = MakeMemoryMap(Trace({alloc, set, clear, alloc, set}));
  EXPECT_EQ(map.spaces.size(), 2u);
  EXPECT_EQ(map.rows.size(), 2u);
}

TEST(MemoryMapTest, EventsWithoutSenseAreNoPages) {
  EXPECT_THAT(Spans({SetEntry("pxd", "0x1000", "none", "page pfn:0x5 uw"),
                     SetEntry("pte", "what", "none", "page pfn:0x5 uw"),
                     SetEntry("pte", "0x1000", "none", "gibberish")}),
              IsEmpty());
}

TEST(ParseEntryTest, KnowsEveryKind) {
  const auto state = [](const char* text) {
    return StateName(ParseEntry(text, false).state);
  };
  EXPECT_EQ(state("none"), "absent");
  EXPECT_EQ(state("page pfn:0x1 uW"), "uffd-wp");
  EXPECT_EQ(state("page pfn:0x1 uwm"), "tagged");
  EXPECT_EQ(state("page pfn:0x1 n"), "no access");
  EXPECT_EQ(state("migration pfn:0x1"), "migration");
  EXPECT_EQ(state("hwpoison pfn:0x1"), "poisoned");
  EXPECT_EQ(ParseEntry("table pfn:0x1f", true).pfn, 0x1fu);
}

}  // namespace
}  // namespace faultline::report
