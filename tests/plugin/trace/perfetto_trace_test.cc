// Read back by protoc with Perfetto's own names and numbers of fields
// (perfetto_subset.proto). What it does not know there it prints as a number.
// Covers: plugin/trace/proto_writer.h

#include "plugin/trace/perfetto_trace.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::trace {
namespace {

using mm::TraceField;
using mm::TraceKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class PerfettoTraceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("protoc --version >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "no protoc here";
    }
  }
  void Emit(TraceKind kind, std::string_view name,
            std::vector<TraceField> fields = {}) {
    trace_.Emit(kind, name, fields);
    time_ += 10;
  }
  void SwitchTo(const char* actor) { Emit(TraceKind::kSwitch, actor); }

  // All of it as protoc prints it, without spaces at the beginnings of lines.
  std::string Decoded() {
    trace_.End();
    const std::string path = std::filesystem::temp_directory_path() /
                             (std::to_string(::getpid()) + ".perfetto");
    std::ofstream(path, std::ios::binary) << bytes_;
    const std::string command =
        "protoc --decode=perfetto.Trace --proto_path=" FAULTLINE_SOURCE_DIR
        "/tests/plugin/trace perfetto_subset.proto <" +
        path + " 2>&1";
    std::FILE* const protoc = ::popen(command.c_str(), "r");
    std::string text;
    for (int c = 0; (c = std::fgetc(protoc)) != EOF;) {
      text += char(c);
    }
    EXPECT_EQ(::pclose(protoc), 0) << text;
    std::filesystem::remove(path);
    while (text.find("\n ") != std::string::npos) {
      text = absl::StrReplaceAll(text, {{"\n ", "\n"}});
    }
    return text;
  }
  // "TRACK begin|end|instant NAME" of each event, tracks by their names.
  std::vector<std::string> Events() {
    std::vector<std::string> out;
    std::map<std::string, std::string> tracks;
    for (const std::string& packet :
         std::vector<std::string>(absl::StrSplit(Decoded(), "packet {"))) {
      const auto value = [&](const std::string& key) -> std::string {
        const size_t at = packet.rfind("\n" + key + ": ");
        if (at == std::string::npos) {
          return "";
        }
        const size_t from = at + key.size() + 3;
        return absl::StrReplaceAll(
            packet.substr(from, packet.find('\n', from) - from), {{"\"", ""}});
      };
      if (packet.find("track_descriptor") != std::string::npos) {
        const std::string parent = tracks[value("parent_uuid")];
        tracks[value("uuid")] =
            (parent.empty() ? "" : parent + "/") + value("name");
      } else if (const std::string type = value("type"); !type.empty()) {
        out.push_back(tracks[value("track_uuid")] + " " + type.substr(5) + " " +
                      value("name"));
      }
    }
    return out;
  }

  uint64_t time_ = 0;
  std::string bytes_;
  PerfettoTrace trace_{[this] { return time_; },
                       [this](std::string_view b) { bytes_ += b; }};
};

TEST_F(PerfettoTraceTest, ActorsHaveTracksWithTheirTurns) {
  SwitchTo("a");
  SwitchTo("b");
  EXPECT_THAT(Events(), ElementsAre("a SLICE_BEGIN runs", "a SLICE_END ",
                                    "b SLICE_BEGIN runs", "b SLICE_END "));
}

TEST_F(PerfettoTraceTest, LocksWaitsAndCallsAreBelowTheActor) {
  SwitchTo("a");
  Emit(TraceKind::kPoint, "syscall.enter");
  Emit(TraceKind::kPoint, "pte.lock.locked");
  Emit(TraceKind::kPoint, "pte.lock.unlocked");
  Emit(TraceKind::kPoint, "wait", {TraceField::Text("for", "page.lock")});
  SwitchTo("b");
  SwitchTo("a");
  Emit(TraceKind::kSyscall, "read");
  EXPECT_THAT(
      Events(),
      ElementsAre(
          "a SLICE_BEGIN runs", "a/system calls SLICE_BEGIN system call",
          "a/pte.lock SLICE_BEGIN pte.lock", "a/pte.lock SLICE_END ",
          "a/waits SLICE_BEGIN page.lock", "a SLICE_END ", "b SLICE_BEGIN runs",
          "b SLICE_END ", "a/waits SLICE_END ", "a SLICE_BEGIN runs",
          "a/system calls SLICE_END ", "a INSTANT read", "a SLICE_END "));
}

TEST_F(PerfettoTraceTest, EventsHaveTheirFieldsAndTime) {
  trace_.Begin("/bin/true");
  time_ = 1234;
  Emit(TraceKind::kFault, "fault",
       {TraceField::Hex("address", 0x400000), TraceField::Dec("mm", 7),
        TraceField::Text("outcome", "done")});
  const std::string text = Decoded();
  for (const char* const part :
       {"process_name: \"/bin/true\"", "timestamp: 1234",
        "categories: \"fault\"", "name: \"address\"",
        "string_value: \"0x400000\"", "uint_value: 7", "string_value: \"done\"",
        "TYPE_INSTANT"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  // A field that the schema does not have is printed as its number.
  EXPECT_THAT(text, Not(::testing::ContainsRegex("\n[0-9]+: ")));
}

TEST_F(PerfettoTraceTest, CountsFramesInUse) {
  trace_.Begin("x");
  Emit(TraceKind::kAlloc, "alloc", {TraceField::Dec("order", 9)});
  Emit(TraceKind::kAlloc, "free", {TraceField::Dec("order", 0)});
  const std::string text = Decoded();
  EXPECT_THAT(text, HasSubstr("counter_value: 512"));
  EXPECT_THAT(text, HasSubstr("counter_value: 511"));
}

}  // namespace
}  // namespace faultline::trace
