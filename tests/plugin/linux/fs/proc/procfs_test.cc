#include "plugin/linux/fs/proc/procfs.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/linux/fs/text_file.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

// Before the start: what the machine itself has to say.
class ProcfsTest : public KernelTest {
 protected:
  std::string Show(const std::string& path) {
    const Credentials root;
    const FsContext fs(kernel_->vfs().root(), kernel_->vfs().root());
    auto found = LookupPath(Caller{root, fs}, kernel_->vfs().root(), path);
    EXPECT_TRUE(found.ok()) << path;
    auto* text = dynamic_cast<TextInode*>(found->inode().get());
    return text == nullptr ? "(no text)" : *text->Show();
  }
};

TEST_P(ProcfsTest, TheMachineHasItsMemoryAndItsProcessor) {
  EXPECT_THAT(Show("/proc/meminfo"),
              ContainsRegex("^MemTotal: +16[0-9]{3} kB\n"));
  EXPECT_THAT(Show("/proc/cpuinfo"), HasSubstr("processor\t: 0\n"));
  EXPECT_THAT(Show("/proc/version"), ContainsRegex("^Linux version [0-9]"));
  EXPECT_THAT(Show("/proc/filesystems"), HasSubstr("\ttmpfs\n"));
}

TEST_P(ProcfsTest, UptimeIsVirtual) {
  const std::string before = Show("/proc/uptime");
  EXPECT_EQ(Show("/proc/uptime"), before);
}

FAULTLINE_BOTH_ARCHITECTURES(ProcfsTest);

}  // namespace
}  // namespace faultline::os
