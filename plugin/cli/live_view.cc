#include "plugin/cli/live_view.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::cli {
namespace {

constexpr int kLeastRows = kLiveLines + 5;
constexpr auto kPeriod = std::chrono::milliseconds(100);

// ECMA-48 and DEC's VT100: cursor up, its place kept and restored, the rows
// that scroll, erase to the end of the line.
std::string Up(int rows) { return absl::StrFormat("\x1b[%dA", rows); }
constexpr char kKeep[] =
    "\x1b"
    "7",
               kRestore[] =
                   "\x1b"
                   "8";
constexpr char kEraseLine[] = "\x1b[K";
constexpr char kScrollAll[] = "\x1b[r";
std::string Scroll(int last) { return absl::StrFormat("\x1b[1;%dr", last); }
std::string Row(int row) { return absl::StrFormat("\x1b[%d;1H", row); }

}  // namespace

LiveView::LiveView(int fd) : fd_(fd) {
  winsize size{};
  if (::isatty(fd) != 0 && ::ioctl(fd, TIOCGWINSZ, &size) == 0 &&
      size.ws_row >= kLeastRows) {
    rows_ = size.ws_row;
    columns_ = size.ws_col;
  }
}

LiveView::~LiveView() {
  if (!drawn_) {
    return;
  }
  std::string text = absl::StrCat(kKeep, kScrollAll);
  for (int i = 0; i < kLiveLines; ++i) {
    absl::StrAppend(&text, Row(rows_ - kLiveLines + 1 + i), kEraseLine);
  }
  Write(absl::StrCat(text, kRestore));
}

void LiveView::Draw(os::Kernel& kernel) {
  LiveSample now = TakeSample(kernel);
  std::string text;
  if (!std::exchange(drawn_, true)) {
    // Room below the cursor, and nothing of the programs' goes there.
    text = absl::StrCat(std::string(kLiveLines, '\n'), Up(kLiveLines), kKeep,
                        Scroll(rows_ - kLiveLines), kRestore);
  }
  absl::StrAppend(&text, kKeep);
  const auto lines = RenderLive(now, before_, columns_);
  for (int i = 0; i < kLiveLines; ++i) {
    absl::StrAppend(&text, Row(rows_ - kLiveLines + 1 + i), lines[size_t(i)],
                    kEraseLine);
  }
  Write(absl::StrCat(text, kRestore));
  before_ = std::move(now);
  next_ = Clock::now() + kPeriod;
}

void LiveView::Write(const std::string& text) const {
  (void)!::write(fd_, text.data(), text.size());
}

}  // namespace faultline::cli
