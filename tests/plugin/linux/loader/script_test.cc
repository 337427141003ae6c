#include "plugin/linux/loader/script.h"

#include "gtest/gtest.h"

namespace faultline::os {
namespace {

TEST(ScriptTest, AnythingElseIsNotAScript) {
  EXPECT_FALSE(ParseScript("\x7f"
                           "ELF")
                   .value()
                   .has_value());
  EXPECT_FALSE(ParseScript("").value().has_value());
  EXPECT_FALSE(ParseScript("#").value().has_value());
}

TEST(ScriptTest, NamesAnInterpreter) {
  const auto s = ParseScript("#!/bin/sh\necho hi\n").value();
  ASSERT_TRUE(s.has_value());
  EXPECT_EQ(s->interpreter, "/bin/sh");
  EXPECT_FALSE(s->argument.has_value());
}

TEST(ScriptTest, TheRestOfTheLineIsOneArgument) {
  const auto s = ParseScript("#! \t/usr/bin/env  -S a b \t\n").value();
  EXPECT_EQ(s->interpreter, "/usr/bin/env");
  EXPECT_EQ(s->argument, "-S a b");
}

TEST(ScriptTest, TrailingBlanksAreNoArgument) {
  EXPECT_FALSE(ParseScript("#!/bin/sh  \n").value()->argument.has_value());
}

TEST(ScriptTest, ALineWithoutEndIsFineIfTheFileEnds) {
  EXPECT_EQ(ParseScript("#!/bin/sh").value()->interpreter, "/bin/sh");
}

TEST(ScriptTest, NoInterpreterIsRefused) {
  EXPECT_EQ(ParseScript("#!\n").error(), Errno::kENOEXEC);
  EXPECT_EQ(ParseScript("#!   \n").error(), Errno::kENOEXEC);
}

TEST(ScriptTest, AnInterpreterThatDoesNotFitIsRefused) {
  const std::string head = "#!/" + std::string(kScriptHead - 3, 'a');
  EXPECT_EQ(ParseScript(head).error(), Errno::kENOEXEC);
  // Its argument may be cut off, though.
  const std::string cut = "#!/a " + std::string(kScriptHead - 5, 'b');
  EXPECT_EQ(ParseScript(cut).value()->interpreter, "/a");
}

}  // namespace
}  // namespace faultline::os
