#ifndef FAULTLINE_PLUGIN_CLI_LIVE_VIEW_H_
#define FAULTLINE_PLUGIN_CLI_LIVE_VIEW_H_

// LiveView: `faultline run --watch`: the lowest lines of the terminal show the
// machine at work, what programs print goes through the lines above. It only
// looks, at most ten times a second of the host's, when a system call or a
// fault has ended: the run is the same with and without it. Where there is no
// terminal it does nothing.

#include <chrono>
#include <string>

#include "plugin/cli/live_sample.h"

namespace faultline::cli {

class LiveView {
 public:
  // Of the terminal that `fd` is, if it is one with room enough.
  explicit LiveView(int fd);
  // Gives the terminal's lines back.
  ~LiveView();
  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;

  bool on() const { return rows_ != 0; }
  // Something has happened: looks, if it is time to.
  void Tick(os::Kernel& kernel) {
    if (on() && Clock::now() >= next_) {
      Draw(kernel);
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  void Draw(os::Kernel& kernel);
  void Write(const std::string& text) const;

  int fd_;
  int rows_ = 0, columns_ = 0;  // 0: off
  bool drawn_ = false;
  Clock::time_point next_{};
  LiveSample before_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_LIVE_VIEW_H_
