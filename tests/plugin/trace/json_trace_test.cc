#include "plugin/trace/json_trace.h"

#include <string>

#include "gtest/gtest.h"

namespace faultline::trace {
namespace {

using mm::TraceField;
using mm::TraceKind;

TEST(JsonTraceTest, WritesOneLineAnEvent) {
  std::string out;
  JsonTrace t([] { return uint64_t{1200}; },
              [&](std::string_view line) { out += line; });
  const TraceField fields[] = {TraceField::Dec("tid", 100),
                               TraceField::Hex("arg0", 255),
                               TraceField::Text("path", "a\"b\n")};
  t.Emit(TraceKind::kSyscall, "mmap", fields);
  EXPECT_EQ(out,
            "{\"t\":1200,\"kind\":\"syscall\",\"event\":\"mmap\",\"tid\":100,"
            "\"arg0\":\"0xff\",\"path\":\"a\\\"b\\u000a\"}\n");
  EXPECT_EQ(t.events(), 1u);
}

TEST(JsonTraceTest, HashTellsRunsApart) {
  const auto hash_of = [](uint64_t number) {
    JsonTrace t([] { return uint64_t{0}; }, nullptr);
    const TraceField fields[] = {TraceField::Dec("n", number)};
    t.Emit(TraceKind::kFault, "fault", fields);
    return t.hash();
  };
  EXPECT_EQ(hash_of(1), hash_of(1));
  EXPECT_NE(hash_of(1), hash_of(2));
}

// So a token's hash is the same whatever is written beside it.
TEST(JsonTraceTest, PointsAreWrittenAndNotHashed) {
  std::string out;
  JsonTrace with([] { return uint64_t{0}; },
                 [&](std::string_view line) { out += line; });
  JsonTrace without([] { return uint64_t{0}; }, nullptr, kUsualKinds);
  for (JsonTrace* const t : {&with, &without}) {
    t->Say("begin", {});
    t->Emit(TraceKind::kFault, "fault", {});
    t->Emit(TraceKind::kPoint, "pte.lock", {});
  }
  EXPECT_EQ(with.hash(), without.hash());
  EXPECT_EQ(with.events(), 1u);
  EXPECT_NE(out.find("pte.lock"), std::string::npos);
  EXPECT_NE(out.find("\"kind\":\"trace\",\"event\":\"begin\""),
            std::string::npos);
}

TEST(JsonTraceTest, WritesTheKindsAskedFor) {
  std::string out;
  JsonTrace t([] { return uint64_t{0}; },
              [&](std::string_view line) { out += line; },
              KindBit(TraceKind::kVma));
  t.Emit(TraceKind::kFault, "fault", {});
  EXPECT_EQ(out, "");
  t.Emit(TraceKind::kVma, "vma.insert", {});
  EXPECT_NE(out, "");
}

}  // namespace
}  // namespace faultline::trace
