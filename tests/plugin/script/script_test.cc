// What scripts can do, and what they cannot.
// Covers: plugin/script/interpreter.cc
// Covers: plugin/script/lua.cc
// Covers: plugin/script/sandbox.cc
// Covers: plugin/script/machine.cc
// Covers: plugin/script/user_code.cc
// Covers: plugin/script/user_task.cc
// Covers: plugin/script/report.cc
// Covers: plugin/script/render_api.cc
// Covers: plugin/script/bind/machine.cc
// Covers: plugin/script/bind/space.cc
// Covers: plugin/script/bind/pins.cc
// Covers: plugin/script/bind/task.cc
// Covers: plugin/script/bind/uffd.cc
// Covers: plugin/script/bind/report.cc
// Covers: plugin/script/failures.cc

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/script/interpreter.h"

namespace faultline::script {
namespace {

using ::testing::HasSubstr;

class ScriptTest : public testing::TestWithParam<engine::Arch> {
 protected:
  // "" or the error.
  std::string Run(const std::string& source) {
    ScriptOptions options;
    options.machine.arch = GetParam();
    options.arguments = {"one", "two"};
    options.print = [this](const std::string& text) { printed_ += text; };
    options.read = [](const std::string& name) -> absl::StatusOr<std::string> {
      return name == "lib.lua"
                 ? absl::StatusOr<std::string>("return {answer = 42}")
                 : absl::NotFoundError("no such file");
    };
    Script script(options);
    const absl::Status status = script.Run("test.lua", source);
    report_ = script.report();
    return std::string(status.message());
  }
  void Holds(const std::string& source) {
    EXPECT_EQ(Run(source), "");
    EXPECT_FALSE(report_.violated)
        << (report_.notes.empty() ? "" : report_.notes.back());
  }
  std::string printed_;
  Report report_;
};
INSTANTIATE_TEST_SUITE_P(Both, ScriptTest,
                         testing::Values(engine::Arch::kX86,
                                         engine::Arch::kArm64));

// Addresses are others in every run.
TEST_P(ScriptTest, NothingIsWrittenAsAnAddress) {
  Holds(R"(
    local m = machine{}
    print({}, print, m, m:space(), coroutine == nil)
    require(tostring({}) == "table" and tostring(print) == "function")
    require(tostring(m) == "machine" and tostring(nil) == "nil")
    require(string.format("%s %5.1f %s", {}, 2, m) == "table   2.0 machine")
    require(("%d"):format(3) == "3" and not pcall(string.format, "%p", m))
    local t = setmetatable({}, {__tostring = function() return "mine" end})
    require(tostring(t) == "mine" and string.format("%s", t) == "mine")
  )");
  EXPECT_EQ(printed_, "table\tfunction\tmachine\tspace\ttrue\n");
}

TEST_P(ScriptTest, TagsAndFieldsAreChecked) {
  EXPECT_THAT(Run("machine{'arm64'}"), HasSubstr("a value without a name"));
  EXPECT_THAT(Run("machine{}:space():map{0x10000000, 8192}"),
              HasSubstr("a value without a name"));
  EXPECT_THAT(Run("machine{}:space():set_tags(0, 16, 0x31)"),
              HasSubstr("0 to 15"));
  Holds(
      "local ok, why = machine{}:space():set_tags(4096, -16, 1) "
      "require(not ok and why == 'EFAULT')");
}

TEST_P(ScriptTest, RunsRealInstructions) {
  Holds(R"(
    local m = machine{}
    local s = m:space()
    local a = s:map{at = 0x40000000, length = 4 * m:page()}
    local t = s:task()
    require(t:load(a) == 0)
    require(s:rss().anon == 1, "the page of code alone")
    require(t:store(a, 0x1122334455667788))
    require(t:load(a, 1) == 0x88 and t:load(a + 2, 2) == 0x5566)
    require(t:load(a + 4, 4) == 0x11223344)
    require(t:store(a, 7, 1) and t:load(a) == 0x1122334455667707)
    require(t:store(a, 40) and t:atomic("add", a, 2) == 40 and t:load(a) == 42)
    require(t:atomic("swap", a, 5) == 42 and t:load(a) == 5)
    require(t:atomic("cas", a, 5, 6) == 5 and t:atomic("cas", a, 5, 9) == 6)
    require(t:load(a) == 6 and s:peek(a) == 6)
    require(t:faults() >= 2)
    local value, why = t:store(0x10000000, 1)
    require(value == nil and why ~= "", "nothing is mapped there")
    s:protect(a, m:page(), "r")
    require(t:load(a) == 6 and t:store(a, 1) == nil)
    require(m:validate() == "")
  )");
}

TEST_P(ScriptTest, CopiesAsTheKernelDoes) {
  Holds(R"(
    local m = machine{}
    local s = m:space()
    local a = s:map{at = 0x40000000, length = m:page()}
    local t = s:task()
    require(t:copy_to_user(a + 1, "hello") == 0)
    local text, left = t:copy_from_user(a, 7)
    require(text == "\0hello\0" and left == 0)
    require(t:clear_user(a, 3) == 0)
    require(t:copy_from_user(a, 7) == "\0\0\0llo\0")
    -- Up to the end of what is mapped.
    require(t:copy_to_user(a + m:page() - 3, "hello") == 2)
  )");
}

TEST_P(ScriptTest, ForksAndSharesMemory) {
  Holds(R"(
    local m = machine{swap = 1 << 20}
    local s = m:space()
    local a = s:map{at = 0x40000000, length = m:page()}
    local t = s:task()
    t:store(a, 1)
    local child = s:fork()
    local u = child:task()
    require(u:load(a) == 1 and not child:entry(a).write)
    u:store(a, 2)
    require(t:load(a) == 1 and u:load(a) == 2)
    require(m:counter("cow_copies") >= 1)
    require(s:advise(a, m:page(), "pageout") and s:entry(a).kind == "swap")
    require(t:load(a) == 1)
    local file = m:shmem(2 * m:page())
    local b = s:map{at = 0x50000000, length = m:page(), file = file,
                    shared = true}
    child:map{at = b, length = m:page(), file = file, shared = true}
    t:store(b, 9)
    require(u:load(b) == 9)
    require(s:unmap(b, m:page()) and s:entry(b).kind == "none")
    require(s:remap(a, m:page(), m:page(), 0x60000000) == 0x60000000)
    require(t:load(0x60000000) == 1)
    local pins = s:pin(0x60000000)
    pins:write(8, 77)
    require(t:load(0x60000008) == 77)
    pins:release()
    require(m:validate() == "")
  )");
}

TEST_P(ScriptTest, ServesUserfaults) {
  Holds(R"(
    local m = machine{}
    local s = m:space()
    local page = m:page()
    local a = s:map{at = 0x40000000, length = 4 * page}
    local source = s:map{at = 0x50000000, length = page}
    local t = s:task()
    t:store(source, 4711)
    local u = s:uffd()
    require(u:register(a, 4 * page, "missing,wp"))
    local got
    actor("program", function()
      got = t:load(a + page)
      t:store(a + page, 1)
    end)
    actor("handler", function()
      local e = u:read()
      require(e.event == "pagefault" and e.address == a + page and not e.write)
      require(u:copy(a + page, source, page, {wp = true}) == page)
      e = u:read()
      require(e.wp and e.write)
      require(u:write_protect(a + page, page, false))
    end)
    run()
    require(got == 4711 and t:load(a + page) == 1)
    local n, why = u:copy(a + page, source, page)
    require(n == -17 and why == "EEXIST")
    require(u:zeropage(a, page) == page and t:load(a) == 0)
    require(u:poison(a + 2 * page, page) == page)
    require(t:load(a + 2 * page) == nil)
    require(u:poll() == nil and u:waiting() == 0)
  )");
}

TEST_P(ScriptTest, MakesAllocationsFail) {
  Holds(R"(
    local m = machine{}
    local s = m:space()
    local a = s:map{at = 0x40000000, length = 8 * m:page()}
    local t = s:task()
    t:load(a)
    local before = passings("alloc.anon")
    fail("alloc.anon", 2)
    require(t:store(a, 1) and passings("alloc.anon") == before + 1)
    local stored, why = t:store(a + m:page(), 1)
    require(stored == nil and why ~= "", "the second one failed")
    require(t:store(a + m:page(), 1), "and the third one did not")
    fail("alloc.anon", 1)
    forget_failures()
    require(t:store(a + 2 * m:page(), 1) and m:validate() == "")
  )");
  EXPECT_THAT(Run("fail('alloc.anon', 0)"), HasSubstr("counted from 1"));
}

TEST_P(ScriptTest, SaysWhereAnErrorIs) {
  EXPECT_THAT(Run("local x = 1\nlocal y = x.z.w"), HasSubstr("test.lua:2:"));
  EXPECT_THAT(Run("machine{speed = 3}"), HasSubstr("no field 'speed'"));
  EXPECT_THAT(Run("machine{kernel = '2.4'}"), HasSubstr("2.4"));
  EXPECT_THAT(Run("machine{}:space():map{prot = 'q'}"), HasSubstr("'q'"));
  EXPECT_THAT(Run("machine{}:space():advise(0, 0, 'hope')"),
              HasSubstr("no advice 'hope'; there are: dontneed"));
  EXPECT_THAT(Run("machine{}:counter('sheep')"), HasSubstr("no counter"));
  EXPECT_THAT(Run("actor('x', function() error('oh') end)\nrun()"),
              HasSubstr("test.lua:1: oh"));
  EXPECT_THAT(Run("x ="), HasSubstr("test.lua:1:"));
  EXPECT_THAT(Run("include('nothing.lua')"), HasSubstr("no such file"));
  EXPECT_THAT(Run("\x1bLua"), HasSubstr("binary"));
}

TEST_P(ScriptTest, CannotReachTheHostOrTheClock) {
  Holds(R"(
    for _, name in ipairs{"io", "os", "debug", "package", "dofile", "loadfile",
                          "load", "collectgarbage", "next"} do
      require(_G[name] == nil, name)
    end
    require(math.random == nil and string.dump == nil)
    local order = ""
    for k in pairs{b = 1, a = 2, [2] = 3, [1] = 4} do order = order .. k end
    require(order == "12ab", order)
    require(arguments[2] == "two" and include("lib.lua").answer == 42)
  )");
  EXPECT_THAT(
      Run("local t = {} while true do t[#t + 1] = ('x'):rep(1 << 20) .. "
          "#t end"),
      HasSubstr("not enough memory"));
  EXPECT_THAT(Run("local m = machine{memory = 1 << 20}\nlocal t = "
                  "m:space():task()\nt:copy_from_user(0, 1 << 40)"),
              HasSubstr("at most"));
}

TEST_P(ScriptTest, ReportsRowsAndViolations) {
  Holds(R"(
    columns{"a", "b"}
    for t in matrix{x = {1, 2}, y = {"p", "q"}} do row({t.x, t.y}, true) end
    note("below")
    print("said", 1)
  )");
  EXPECT_EQ(report_.rows.size(), 4u);
  EXPECT_EQ(report_.rows[1].cells, (std::vector<std::string>{"1", "q"}));
  EXPECT_EQ(printed_, "said\t1\n");
  EXPECT_EQ(Render(report_),
            "  a  b\n  1  p\n  1  q\n  2  p\n  2  q\n\nbelow\n");
  EXPECT_EQ(Run("forbid(true, 'never so')"), "");
  EXPECT_TRUE(report_.violated);
  EXPECT_THAT(report_.notes.back(), HasSubstr("never so"));
  EXPECT_EQ(Run("eventually(function() return false end, 'in vain')"), "");
  EXPECT_TRUE(report_.violated);
  EXPECT_EQ(Run("row({1}, false)"), "");
  EXPECT_THAT(Render(report_), HasSubstr("not as claimed"));
}

TEST_P(ScriptTest, TheReferenceNamesEveryFunction) {
  const std::string text = RenderApi();
  for (const char* const name :
       {"machine{", "space:map{", "uffd:copy(", "task:atomic(", "explore{",
        "at(point", "pins:write("}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
}

}  // namespace
}  // namespace faultline::script
