#include "plugin/linux/fs/knobs.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/linux/fs/text_file.h"
#include "tests/plugin/linux/fs/test_vfs.h"

namespace faultline::os {
namespace {

using ::testing::ElementsAre;

class KnobsTest : public VfsTest {
 protected:
  KnobsTest()
      : fs_of_knobs_(std::make_shared<FileSystem>(
            "proc", 0x9fa0, vfs_.NextDev(), vfs_.clock())),
        dir_(std::make_shared<KnobDir>(fs_of_knobs_)) {
    EXPECT_TRUE(vfs_.MountAt("/proc", dir_, ReadOnly::kNo, "proc").ok());
  }
  TextInode& Text(const std::string& path) {
    return static_cast<TextInode&>(*Lookup(path)->inode());
  }

  std::shared_ptr<FileSystem> fs_of_knobs_;
  std::shared_ptr<KnobDir> dir_;
};

TEST_F(KnobsTest, ANumberIsReadAndWrittenInDecimal) {
  uint64_t value = 7;
  const Knob knob =
      NumberKnob([&] { return value; }, [&](uint64_t v) { value = v; },
                 {.min = 1, .max = 100});
  EXPECT_EQ(knob.get(), "7\n");
  EXPECT_TRUE(knob.set(" 42 \n").ok());
  EXPECT_EQ(value, 42u);
  for (const char* bad :
       {"0", "101", "-1", "", "\n", "1x", "0x10", "18446744073709551616"}) {
    EXPECT_EQ(Outcome(knob.set(bad)), "EINVAL") << bad;
  }
  EXPECT_EQ(value, 42u);
}

TEST_F(KnobsTest, AStoredNumberKeepsWhatWasWritten) {
  const Knob knob = StoredNumberKnob(3);
  EXPECT_TRUE(knob.set("18446744073709551615").ok());
  EXPECT_EQ(knob.get(), "18446744073709551615\n");
}

TEST_F(KnobsTest, AStringEndsAtItsLineOrItsLength) {
  std::string value = "(none)";
  const Knob knob =
      StringKnob([&] { return value; }, [&](std::string v) { value = v; }, 4);
  EXPECT_EQ(knob.get(), "(none)\n");
  EXPECT_TRUE(knob.set("ab\ncd").ok());
  EXPECT_EQ(value, "ab");
  EXPECT_TRUE(knob.set("abcdef").ok());
  EXPECT_EQ(value, "abcd");
}

TEST_F(KnobsTest, APathMakesItsDirectories) {
  dir_->Add("vm/overcommit", ConstantKnob("1\n"));
  dir_->Add("vm/swappiness", StoredNumberKnob(60));
  dir_->AddLink("vm/link", "swappiness");
  EXPECT_THAT(List("/proc"), ElementsAre(".", "..", "vm"));
  EXPECT_THAT(List("/proc/vm"),
              ElementsAre(".", "..", "link", "overcommit", "swappiness"));
  EXPECT_EQ(Stat("/proc").nlink, 3u);
  EXPECT_EQ(*Text("/proc/vm/link").Show(), "60\n");
  EXPECT_EQ(Outcome(Lookup("/proc/vm/none")), "ENOENT");
}

TEST_F(KnobsTest, TheModeSaysWhatCanBeDone) {
  dir_->Add("constant", ConstantKnob("1\n"));
  dir_->Add("number", StoredNumberKnob(1));
  Knob write_only;
  write_only.set = [](absl::string_view) -> ErrnoOr<Done> { return kDone; };
  dir_->Add("trigger", write_only);
  EXPECT_EQ(Stat("/proc/constant").mode, kS_IFREG | 0444);
  EXPECT_EQ(Stat("/proc/number").mode, kS_IFREG | 0644);
  EXPECT_EQ(Stat("/proc/trigger").mode, kS_IFREG | 0200);
  EXPECT_EQ(Outcome(Text("/proc/constant").Store("2")), "EINVAL");
  EXPECT_EQ(Outcome(Text("/proc/trigger").Show()), "EINVAL");
  EXPECT_EQ(Outcome(Text("/proc/trigger").Store("x")), "ok");
}

TEST_F(KnobsTest, NamesCannotBeMadeOrRemoved) {
  dir_->Add("number", StoredNumberKnob(1));
  EXPECT_NE(Outcome(Unlink("/proc/number")), "ok");
  EXPECT_NE(Outcome(Mkdir("/proc/new")), "ok");
  EXPECT_NE(Outcome(Open("/proc/new", kO_CREAT | kO_RDWR)), "ok");
  EXPECT_THAT(List("/proc"), ElementsAre(".", "..", "number"));
}

}  // namespace
}  // namespace faultline::os
