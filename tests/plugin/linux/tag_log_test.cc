#include "plugin/linux/tag_log.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_format.h"

namespace faultline::os {
namespace {

TEST(TagLogTest, TheLastStoreToAGranuleIsTheOne) {
  mm::Trace trace;
  TagLog log(trace);
  EXPECT_FALSE(log.Last(mm::PhysAddr(0x1000)).has_value());
  log.Note({.granule = mm::PhysAddr(0x1000), .pc = 1, .tid = 10, .tag = 3});
  log.Note({.granule = mm::PhysAddr(0x1010), .pc = 2, .tid = 10, .tag = 4});
  log.Note({.granule = mm::PhysAddr(0x1000), .pc = 3, .tid = 11, .tag = 5});
  const auto last = log.Last(mm::PhysAddr(0x100f));
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->pc, 3u);
  EXPECT_EQ(last->tid, 11);
  EXPECT_EQ(last->tag, 5);
  EXPECT_EQ(log.Last(mm::PhysAddr(0x1010))->pc, 2u);
  EXPECT_FALSE(log.Last(mm::PhysAddr(0x1020)).has_value());
}

TEST(TagLogTest, WhatIsLongAgoIsForgotten) {
  mm::Trace trace;
  TagLog log(trace);
  log.Note({.granule = mm::PhysAddr(0x10)});
  for (uint64_t i = 0; i < 70'000; ++i) {
    log.Note({.granule = mm::PhysAddr(0x100000 + i % 100 * 16), .pc = i});
  }
  EXPECT_FALSE(log.Last(mm::PhysAddr(0x10)).has_value());
  EXPECT_EQ(log.Last(mm::PhysAddr(0x100000 + 99 * 16))->pc, 69'999u);
}

TEST(TagLogTest, EachIsAnEventOfTheTrace) {
  class Sink : public mm::TraceSink {
   public:
    void Emit(mm::TraceKind kind, std::string_view name,
              absl::Span<const mm::TraceField> fields) override {
      EXPECT_EQ(kind, mm::TraceKind::kTag);
      text += name;
      for (const mm::TraceField& f : fields) {
        absl::StrAppendFormat(&text, " %s=%x", f.key, f.number);
      }
      text += '\n';
    }
    std::string text;
  };
  Sink sink;
  mm::Trace trace;
  TagLog log(trace);
  log.Note({.granule = mm::PhysAddr(0x1000), .tag = 1});
  trace.Attach(&sink, 1u << unsigned(mm::TraceKind::kTag));
  log.Note({.granule = mm::PhysAddr(0x1000),
            .address = mm::GuestAddr(0x7000),
            .pc = 0x400,
            .tid = 10,
            .before = 1,
            .tag = 3});
  log.Note({.granule = mm::PhysAddr(0x1000),
            .address = mm::GuestAddr(0x7000),
            .by = TagLog::By::kInjection,
            .before = 3,
            .tag = 4});
  EXPECT_EQ(sink.text,
            "store tid=a address=7000 from=1 to=3 pc=400\n"
            "inject tid=0 address=7000 from=3 to=4 pc=0\n");
}

}  // namespace
}  // namespace faultline::os
