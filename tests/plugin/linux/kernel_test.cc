#include "plugin/linux/kernel.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/linux/fs/text_file.h"
#include "plugin/linux/loader/load_error.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

using engine::Arch;
using ::testing::HasSubstr;

TEST_P(KernelTest, PrintsAndExitsWithItsStatus) {
  const RunResult r =
      Run(TinyProgram(GetParam()).Write(6).Exit(7).Build("hello\n"));
  EXPECT_EQ(console_.out(), "hello\n");
  EXPECT_EQ(r.kind, RunResult::Kind::kExited);
  EXPECT_EQ(r.exit_status(), 7);
}

TEST_P(KernelTest, ANullPointerKillsWithSigsegv) {
  const RunResult r = Run(TinyProgram(GetParam()).Crash().Exit(0).Build());
  EXPECT_EQ(r.kind, RunResult::Kind::kKilled);
  EXPECT_EQ(r.code, kSigSegv);
  EXPECT_EQ(r.exit_status(), 139);
}

TEST_P(KernelTest, AnUnlistedCallIsEnosys) {
  const RunResult r =
      Run(TinyProgram(GetParam()).Call(0x7fff, 0x7fff).ExitWithErrno().Build());
  EXPECT_EQ(r.exit_status(), int(Errno::kENOSYS));
}

TEST_P(KernelTest, WaitingForEverIsReportedAsDeadlock) {
  const RunResult r = Run(TinyProgram(GetParam())
                              .ArgText(0)
                              .Arg(1, 8)
                              .Call(130, 133)  // rt_sigsuspend
                              .Exit(0)
                              .Build(std::string(8, '\0')));
  EXPECT_EQ(r.kind, RunResult::Kind::kDeadlock);
  EXPECT_THAT(r.why, HasSubstr("prog"));
}

// Starts a machine in which `path` has been set to `value`; what it reads as
// then goes to `shown`.
absl::Status StartWithSetting(Arch arch, const std::string& path,
                              const std::string& value,
                              std::string* shown = nullptr) {
  KernelOptions options;
  options.arch = arch;
  options.memory_bytes = 16 << 20;
  options.settings = {{path, value}};
  options.uid = 1000;  // settings are written as root all the same
  MemoryConsole console;
  auto kernel = *Kernel::Create(options, console);
  EXPECT_TRUE(kernel->vfs()
                  .WriteFile("/prog", TinyProgram(arch).Exit(0).Build(), 0755)
                  .ok());
  absl::Status started = kernel->Start({"/prog", {"prog"}, {}});
  if (shown != nullptr) {
    const Credentials root;
    const FsContext fs(kernel->vfs().root(), kernel->vfs().root());
    const auto knob = LookupPath(Caller{root, fs}, kernel->vfs().root(), path);
    *shown = *dynamic_cast<TextInode&>(*knob->inode()).Show();
  }
  return started;
}

TEST_P(KernelTest, ASettingIsWrittenBeforeTheStart) {
  const char* const kKnob = "/proc/sys/vm/max_map_count";
  std::string shown;
  EXPECT_TRUE(StartWithSetting(GetParam(), kKnob, "1000", &shown).ok());
  EXPECT_EQ(shown, "1000\n");
}

TEST_P(KernelTest, TheWorkingDirectoryMayBeWhereTheUserCannotWalk) {
  KernelOptions options;
  options.arch = GetParam();
  options.memory_bytes = 16 << 20;
  options.uid = options.gid = 1000;
  MemoryConsole console;
  auto kernel = *Kernel::Create(options, console);
  const std::string program = TinyProgram(GetParam()).Exit(7).Build();
  ASSERT_TRUE(kernel->vfs().WriteFile("/prog", program, 0755).ok());
  ASSERT_TRUE(kernel->vfs().MakeDirs("/root/work").ok());  // /root is 0700
  ASSERT_TRUE(kernel->Start({"/prog", {"prog"}, {}, "/root/work"}).ok());
  EXPECT_EQ(kernel->Run().exit_status(), 7);
}

TEST_P(KernelTest, AValueThatAKnobDoesNotTakeIsRefusedByName) {
  const absl::Status s =
      StartWithSetting(GetParam(), "/proc/sys/vm/max_map_count", "many");
  EXPECT_TRUE(absl::IsInvalidArgument(s));
  EXPECT_EQ(s.message(),
            "--set /proc/sys/vm/max_map_count=many: it does not take that "
            "value: EINVAL");
}

TEST_P(KernelTest, ASettingOfWhatIsNoFileIsNotFound) {
  for (const char* path : {"/proc/sys/vm/nothing", "/proc/sys", "/proc/self"}) {
    EXPECT_TRUE(absl::IsNotFound(StartWithSetting(GetParam(), path, "1")))
        << path;
  }
}

TEST_P(KernelTest, AProgramThatIsNoneDoesNotStart) {
  const absl::Status s = Start("not a program\n");
  EXPECT_EQ(ErrnoOf(s), Errno::kENOEXEC);
  EXPECT_THAT(std::string(s.message()), HasSubstr("/prog: not an ELF file"));
}

TEST_P(KernelTest, AMissingProgramIsNamed) {
  const absl::Status s = kernel_->Start({"/nowhere", {"x"}, {}});
  EXPECT_EQ(ErrnoOf(s), Errno::kENOENT);
  EXPECT_THAT(std::string(s.message()), HasSubstr("/nowhere"));
}

TEST_P(KernelTest, TheOtherMachinesProgramIsRefused) {
  const Arch other = GetParam() == Arch::kX86 ? Arch::kArm64 : Arch::kX86;
  EXPECT_THAT(std::string(Start(TinyProgram(other).Exit(0).Build()).message()),
              HasSubstr("built for"));
}

TEST_P(KernelTest, SameSeedSameRandomNumbers) {
  std::byte a[8], b[8];
  kernel_->FillRandom(absl::MakeSpan(a));
  MemoryConsole console;
  KernelOptions options = kernel_->options();
  auto again = Kernel::Create(options, console);
  ASSERT_TRUE(again.ok());
  // Making the machine draws nothing.
  (*again)->FillRandom(absl::MakeSpan(b));
  EXPECT_EQ(std::memcmp(a, b, sizeof a), 0);
}

FAULTLINE_BOTH_ARCHITECTURES(KernelTest);

TEST(KernelCreateTest, TooLittleMemoryIsSaid) {
  MemoryConsole console;
  KernelOptions options;
  options.memory_bytes = 4096;
  const auto kernel = Kernel::Create(options, console);
  EXPECT_FALSE(kernel.ok());
}

TEST(KernelCreateTest, AnUnknownScheduleIsRefused) {
  MemoryConsole console;
  KernelOptions options;
  options.schedule = "sometimes";
  EXPECT_FALSE(Kernel::Create(options, console).ok());
}

}  // namespace
}  // namespace faultline::os
