#ifndef FAULTLINE_TESTS_PLUGIN_REPORT_TEST_BROWSER_H_
#define FAULTLINE_TESTS_PLUGIN_REPORT_TEST_BROWSER_H_

// Browser: a headless Chromium with one page, driven through its DevTools
// protocol over two pipes (--remote-debugging-pipe): a message is JSON and a
// NUL byte.

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace faultline::report {

class Browser {
 public:
  // Null if no Chromium is installed.
  static std::unique_ptr<Browser> Start();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  // A window of so many pixels, "light" or "dark".
  void Emulate(int width, int height, bool phone, const std::string& scheme);
  // Opens a file of this machine's, and waits until it is there and drawn.
  void Open(const std::string& path);
  // The value of an expression of the page's script.
  nlohmann::json Evaluate(const std::string& expression);
  // Presses and releases the mouse there.
  void Click(double x, double y);
  void Key(const std::string& key);
  // What the page has complained of so far.
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  Browser() = default;
  nlohmann::json Call(const std::string& method, nlohmann::json params);
  nlohmann::json Receive();
  void Note(const nlohmann::json& message);
  void WaitFor(const std::string& event);

  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  std::string folder_;  // the browser's own, removed at the end
  std::string pending_;
  std::string session_;
  int last_id_ = 0;
  std::vector<std::string> seen_;  // events
  std::vector<std::string> errors_;
};

}  // namespace faultline::report

#endif  // FAULTLINE_TESTS_PLUGIN_REPORT_TEST_BROWSER_H_
