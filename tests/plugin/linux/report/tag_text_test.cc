#include "plugin/linux/report/tag_text.h"

#include <string>

#include "arch_arm64/mte_insn.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/vma/mte.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/tag_log.h"
#include "plugin/linux/task/task.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr uint64_t kAt = 0x10000000;

class TagTextTest : public KernelTest {};
INSTANTIATE_TEST_SUITE_P(Arm64, TagTextTest,
                         ::testing::Values(engine::Arch::kArm64), ArchName);

TEST_P(TagTextTest, ShowsTheTagsAndWhoStoredThem) {
  struct Observer : KernelObserver {
    void OnFatalSignal(Task& task, const SigInfo&) override {
      EXPECT_EQ(TagText(task, kAt), "") << "nothing is mapped";
      EXPECT_EQ(MemoryTagAt(task, kAt), -1);
      mm::MmapRequest r;
      r.hint = mm::GuestAddr(kAt);
      r.length = 4096;
      r.prot = 3 | mm::kProtMte;
      r.flags = mm::kMapPrivate | mm::kMapAnonymous | mm::kMapFixed |
                mm::kMapPopulate;
      EXPECT_TRUE(mm::Mmap(task.mm(), r).ok());
      const mm::EntryRef entry =
          task.mm().page_table().Walk(mm::GuestAddr(kAt));
      const mm::PhysAddr page =
          task.mm().page_table().Get(entry).pfn().ToPhys(mm::PageShift(12));
      task.kernel().memory().phys().tags().Set(page + 32, 7);
      never = TagText(task, arm64::WithTag(kAt + 40, 3));
      task.kernel().tag_log().Note(
          {.granule = page + 32, .pc = 0x400000, .tid = 42, .tag = 7});
      noted = TagText(task, arm64::WithTag(kAt + 40, 3));
      tag = MemoryTagAt(task, kAt + 47);
    }
    std::string never, noted;
    int tag = -1;
  } observer;
  kernel_->set_observer(&observer);
  Run(TinyProgram(GetParam()).Crash().Build());
  kernel_->set_observer(nullptr);
  EXPECT_THAT(observer.never, HasSubstr("=> 000010000020  7\n"));
  EXPECT_THAT(observer.never, HasSubstr("   000010000010  0\n"));
  EXPECT_THAT(observer.never, HasSubstr("never tagged, or long ago"));
  EXPECT_THAT(observer.noted, ContainsRegex("tagged 7 by task 42 at .*400000"));
  EXPECT_EQ(observer.tag, 7);
}

}  // namespace
}  // namespace faultline::os
