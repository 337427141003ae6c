// The page as its reader meets it, in a browser. Without one, only the tests of
// the file itself run.

#include "plugin/report/page.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/plugin/report/test_browser.h"
#include "tests/plugin/report/test_trace.h"

namespace faultline::report {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr size_t kMany = 100'000;

// Eight tasks that fault pages in and out, with locks and system calls.
std::vector<std::string> ManyEvents(size_t n) {
  std::vector<std::string> events;
  for (size_t round = 0; events.size() < n; ++round) {
    const size_t page = round * 37 % 5000;
    const std::string address = absl::StrFormat("0x%x", 0x400000 + page * 4096);
    const std::string entry = absl::StrFormat("page pfn:0x%x uwAD", round + 9);
    const bool out = round % 3 == 2;
    for (const std::string& e :
         {SwitchTo("task/" + std::to_string(round % 8)), Point("syscall.enter"),
          Point("mmap_lock.locked"), Point("pte.lock.locked"),
          SetEntry("pte", address, out ? entry : "none", out ? "none" : entry),
          Point("pte.lock.unlocked"),
          R"("kind":"fault","event":"fault","mm":1,"address":")" + address +
              R"(","access":"write","outcome":"done","pfn":"0x9")",
          Point("mmap_lock.unlocked"),
          std::string(R"("kind":"syscall","event":"read","result":"0x1")")}) {
      events.push_back(e);
    }
  }
  events.resize(n);
  return events;
}

const std::vector<std::string> kShort = {
    SwitchTo("a"),
    SetEntry("pte", "0x1000", "none", "page pfn:0x5 uwAD"),
    R"("kind":"inject","event":"alloc.anon","action":"fail","address":"0x1000")",
    R"("kind":"fault","event":"fault","mm":1,"address":"0x1000",)"
    R"("access":"write","outcome":"oom","pfn":"0x5")",
    SwitchTo("b"),
    Point("pte.lock.locked"),
    Point("pte.lock.unlocked")};

class PageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            (std::to_string(::getpid()) + ".page.html");
  }
  void TearDown() override { std::filesystem::remove(path_); }

  static std::string PageOf(const std::vector<std::string>& events) {
    std::vector<TraceData> traces;
    traces.push_back(Trace(events));
    return MakePage(std::move(traces));
  }
  // False if there is no browser.
  bool Open(const std::string& page, int width = 1200, bool phone = false,
            const std::string& scheme = "light") {
    browser_ = Browser::Start();
    if (browser_ == nullptr) {
      return false;
    }
    std::ofstream(path_) << page;
    browser_->Emulate(width, 800, phone, scheme);
    browser_->Open(path_);
    return true;
  }
  std::string Text(const std::string& expression) {
    return browser_->Evaluate(expression).get<std::string>();
  }
  double Number(const std::string& expression) {
    return browser_->Evaluate(expression).get<double>();
  }

  std::string path_;
  std::unique_ptr<Browser> browser_;
};

#define NEEDS_BROWSER(opened) \
  if (!(opened)) GTEST_SKIP() << "no Chromium here"

TEST_F(PageTest, NeedsNothingBesideItself) {
  const std::string page = PageOf(kShort);
  EXPECT_THAT(page, Not(HasSubstr("http")));
  EXPECT_THAT(page, Not(HasSubstr("src=")));
  EXPECT_THAT(page, Not(HasSubstr("@SCRIPT@")));
  EXPECT_THAT(page, HasSubstr("window.faultline"));
}

TEST_F(PageTest, OpensManyEventsWithLittleWork) {
  NEEDS_BROWSER(Open(PageOf(ManyEvents(kMany))));
  EXPECT_EQ(Number("faultline.runs[0].size"), kMany);
  EXPECT_EQ(Number("faultline.runs[0].rowAddress.length"), 5000);
  // What is drawn is bounded by the pixels, not by the events: a canvas of 420
  // lines, each of which changes colour a few times, and eight lanes in which
  // each pixel has at most a mark of each kind and a piece of each band.
  EXPECT_GT(Number("faultline.work.frames"), 0);
  EXPECT_GT(Number("faultline.work.most"), 500);
  EXPECT_LT(Number("faultline.work.most"), 40'000);
  EXPECT_LT(Number("document.querySelectorAll('*').length"), 3'000);
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageTest, AClickOnAPageShowsTheEventThatMadeItSo) {
  NEEDS_BROWSER(Open(PageOf(kShort)));
  // The page's row, at its right end.
  browser_->Evaluate(
      "document.querySelector('canvas.memory').scrollIntoView()");
  const auto at = browser_->Evaluate(
      "(r => [r.right - 20, r.top + 8])(document.querySelector("
      "'canvas.memory').getBoundingClientRect())");
  browser_->Click(at[0], at[1]);
  EXPECT_EQ(Text("document.getElementById('event-title').textContent"),
            "table: set");
  const std::string details =
      Text("document.getElementById('details').textContent");
  EXPECT_THAT(details, HasSubstr("page pfn:0x5 uwAD"));
  EXPECT_THAT(details, HasSubstr("done by #3 fault fault write 0x1000"));
  browser_->Key("ArrowRight");
  EXPECT_EQ(Text("document.getElementById('event-title').textContent"),
            "inject: alloc.anon");
  EXPECT_THAT(Text("document.getElementById('causes').textContent"),
              HasSubstr("it was injected into #3 fault"));
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageTest, NamesAreCutToAnyRoom) {
  NEEDS_BROWSER(Open(PageOf(kShort)));
  EXPECT_EQ(Number("(() => { const p = faultline.panes[0].lanes;"
                   "const g = p.canvas.getContext('2d'); let n = 0;"
                   "for (const t of ['', 'a', 'ab', 'abc', 'mmap_lock'])"
                   "for (let w = 0; w < 90; w++, n++) p.text(g, t, 0, 0, w);"
                   "return n; })()"),
            450);
}

TEST_F(PageTest, FindsAnEventByItsText) {
  NEEDS_BROWSER(Open(PageOf(kShort)));
  browser_->Evaluate(
      "document.getElementById('query').value = 'PTE.lock.unlocked',"
      "document.querySelector('#search button').click()");
  EXPECT_EQ(Number("faultline.view.selected.event"), 6);
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageTest, TwoRunsShowWhereTheyPart) {
  std::vector<std::string> other = kShort;
  other[4] = SwitchTo("c");
  std::vector<TraceData> traces;
  traces.push_back(Trace(kShort));
  traces.push_back(Trace(other));
  NEEDS_BROWSER(Open(MakePage(std::move(traces))));
  EXPECT_EQ(Text("document.getElementById('parting').textContent"),
            "Both runs do the same up to event #4; then in test b goes on, in "
            "test c goes on.");
  EXPECT_EQ(Number("document.querySelectorAll('.column').length"), 2);
  EXPECT_EQ(Number("document.querySelectorAll('canvas').length"), 4);
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

// Contrast as the Web Content Accessibility Guidelines count it.
constexpr char kContrast[] = R"((() => {
  const style = getComputedStyle(document.body);
  const light = (text) => {
    const [r, g, b] = text.match(/\d+/g).slice(0, 3).map((v) => {
      const c = v / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [light(style.color), light(style.backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
})())";

TEST_F(PageTest, FitsAPhoneInTheDark) {
  NEEDS_BROWSER(Open(PageOf(kShort), 360, /*phone=*/true, "dark"));
  EXPECT_LE(Number("document.documentElement.scrollWidth"), 360);
  EXPECT_GT(Number(kContrast), 7);
  EXPECT_LT(Number("parseInt(getComputedStyle(document.body).backgroundColor"
                   ".match(/\\d+/)[0])"),
            64);
  EXPECT_GE(Number("parseFloat(getComputedStyle(document.body).fontSize)"), 14);
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageTest, TextOfATraceStaysText) {
  const std::string evil = "</script><img src=x onerror=window.hit=1>@DATA@";
  NEEDS_BROWSER(Open(PageOf({SwitchTo(evil)})));
  EXPECT_EQ(Text("faultline.runs[0].actors[0]"), evil);
  browser_->Evaluate("faultline.view.select(faultline.runs[0], 0)");
  EXPECT_EQ(Number("document.querySelectorAll('img').length"), 0);
  EXPECT_EQ(Text("typeof window.hit"), "undefined");
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

TEST_F(PageTest, AnEmptyTraceIsAPage) {
  NEEDS_BROWSER(Open(PageOf({})));
  EXPECT_EQ(Number("faultline.runs[0].size"), 0);
  EXPECT_THAT(browser_->errors(), IsEmpty());
}

}  // namespace
}  // namespace faultline::report
