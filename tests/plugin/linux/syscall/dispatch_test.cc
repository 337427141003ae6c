// Covers: plugin/linux/fs/calls/mount_calls.cc

#include "plugin/linux/syscall/dispatch.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/trace.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

using ::testing::ElementsAre;

class DispatchTest : public KernelTest {
 protected:
  // Keeps "name=result" of calls, "name?" of those that are not implemented.
  struct Calls : mm::TraceSink {
    void Emit(mm::TraceKind kind, std::string_view name,
              absl::Span<const mm::TraceField> fields) override {
      std::string line(name);
      if (kind == mm::TraceKind::kUnknown) {
        lines.push_back(line + "?");
        return;
      }
      for (const mm::TraceField& f : fields) {
        if (f.key == "result") {
          line += "=" + std::to_string(int64_t(f.number));
        }
      }
      lines.push_back(line);
    }
    std::vector<std::string> lines;
  };
  std::vector<std::string> Traced(const TinyProgram& program) {
    Calls calls;
    kernel_->trace().Attach(&calls,
                            1u << unsigned(mm::TraceKind::kSyscall) |
                                1u << unsigned(mm::TraceKind::kUnknown));
    Run(program.Build());
    kernel_->trace().Attach(nullptr, 0);
    return calls.lines;
  }
  TinyProgram Program() const { return TinyProgram(GetParam()); }
};

TEST_P(DispatchTest, AnErrorIsANegativeResult) {
  // close(99)
  EXPECT_THAT(Traced(Program().Arg(0, 99).Call(3, 57).ExitWithErrno()),
              ElementsAre("close=-9", "exit=0"));
}

TEST_P(DispatchTest, AListedCallWithoutAHandlerSaysSoAndFails) {
  // bpf(0, 0, 0)
  EXPECT_THAT(Traced(Program().Call(321, 280).Exit(0)),
              ElementsAre("bpf?", "bpf=-38", "exit=0"));
}

TEST_P(DispatchTest, MountsAreMadeOfNamesThatCanBeRead) {
  EXPECT_THAT(Traced(Program().Call(165, 40).Call(166, 39).Exit(0)),
              ElementsAre("mount=-14", "umount2=-14", "exit=0"));
}

TEST_P(DispatchTest, CallsAreCounted) {
  Run(Program().Call(102, 174).Call(102, 174).Exit(0).Build());  // getuid
  EXPECT_EQ(kernel_->stats().syscalls, 3u);
}

FAULTLINE_BOTH_ARCHITECTURES(DispatchTest);

}  // namespace
}  // namespace faultline::os
