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

TEST(KindNameTest, NamesEveryKind) {
  for (int i = 0; i < mm::kTraceKinds; ++i) {
    EXPECT_FALSE(KindName(TraceKind(i)).empty());
  }
  EXPECT_EQ(KindName(TraceKind::kUnknown), "unknown");
}

}  // namespace
}  // namespace faultline::trace
