#include "tests/plugin/report/test_browser.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace faultline::report {
namespace {

using nlohmann::json;

constexpr int kReads = 3, kWrites = 4;  // the browser's descriptors

std::string FindChromium() {
  for (const char* const path :
       {"/usr/bin/chromium", "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome"}) {
    if (::access(path, X_OK) == 0) {
      return path;
    }
  }
  return "";
}

[[noreturn]] void Exec(const std::string& program, const std::string& folder,
                       int reads, int writes) {
  // Out of the way of the two numbers first.
  const int in = ::fcntl(reads, F_DUPFD, 10);
  const int out = ::fcntl(writes, F_DUPFD, 10);
  ::dup2(in, kReads);
  ::dup2(out, kWrites);
  const int null = ::open("/dev/null", O_RDWR);
  for (const int fd : {0, 1, 2}) {
    ::dup2(null, fd);
  }
  const std::string data = "--user-data-dir=" + folder;
  ::execl(program.c_str(), program.c_str(), "--headless=new", "--no-sandbox",
          "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
          "--disable-background-networking", "--disable-extensions",
          "--remote-debugging-pipe", data.c_str(), "about:blank", nullptr);
  ::_exit(127);
}

}  // namespace

std::unique_ptr<Browser> Browser::Start() {
  const std::string program = FindChromium();
  if (program.empty()) {
    return nullptr;
  }
  std::string folder = std::filesystem::temp_directory_path() / "browserXXXXXX";
  int to[2], from[2];
  if (::mkdtemp(folder.data()) == nullptr || ::pipe(to) != 0 ||
      ::pipe(from) != 0) {
    throw std::runtime_error("no folder or pipe for the browser");
  }
  ::signal(SIGPIPE, SIG_IGN);  // of one that has gone, write() tells
  std::unique_ptr<Browser> b(new Browser());
  b->folder_ = folder;
  b->pid_ = ::fork();
  if (b->pid_ == 0) {
    Exec(program, folder, to[0], from[1]);
  }
  ::close(to[0]);
  ::close(from[1]);
  b->to_ = to[1];
  b->from_ = from[0];
  const json made = b->Call("Target.createTarget", {{"url", "about:blank"}});
  const json attached =
      b->Call("Target.attachToTarget",
              {{"targetId", made["targetId"]}, {"flatten", true}});
  b->session_ = attached["sessionId"];
  for (const char* const domain : {"Page", "Runtime", "Log", "Network"}) {
    b->Call(std::string(domain) + ".enable", json::object());
  }
  return b;
}

Browser::~Browser() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(to_);
  ::close(from_);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

json Browser::Call(const std::string& method, json params) {
  json message = {
      {"id", ++last_id_}, {"method", method}, {"params", std::move(params)}};
  if (!session_.empty()) {
    message["sessionId"] = session_;
  }
  const std::string text = message.dump() + '\0';
  for (size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::write(to_, text.data() + sent, text.size() - sent);
    if (n <= 0) {
      throw std::runtime_error("the browser has gone: " + method);
    }
    sent += size_t(n);
  }
  for (;;) {
    json answer = Receive();
    if (answer.value("id", 0) == last_id_) {
      if (answer.contains("error")) {
        throw std::runtime_error(method + ": " + answer["error"].dump());
      }
      return answer["result"];
    }
    Note(answer);
  }
}

json Browser::Receive() {
  size_t end = 0;
  while ((end = pending_.find('\0')) == std::string::npos) {
    // Only against a browser that hangs.
    constexpr int kPatienceMs = 120'000;
    pollfd waits{.fd = from_, .events = POLLIN, .revents = 0};
    if (::poll(&waits, 1, kPatienceMs) == 0) {
      throw std::runtime_error("the browser does not answer");
    }
    char buffer[65536];
    const ssize_t n = ::read(from_, buffer, sizeof buffer);
    if (n <= 0) {
      throw std::runtime_error("the browser has gone");
    }
    pending_.append(buffer, size_t(n));
  }
  json message = json::parse(pending_.substr(0, end));
  pending_.erase(0, end + 1);
  return message;
}

void Browser::Note(const json& message) {
  const std::string event = message.value("method", "");
  const json params = message.value("params", json::object());
  seen_.push_back(event);
  const bool is_error =
      event == "Runtime.exceptionThrown" ||
      (event == "Log.entryAdded" && params["entry"]["level"] == "error") ||
      (event == "Runtime.consoleAPICalled" && params["type"] == "error");
  if (is_error) {
    errors_.push_back(params.dump());
  }
  // The page's own file, and what is written in it.
  if (event == "Network.requestWillBeSent") {
    const std::string url = params["request"]["url"];
    if (!url.starts_with("file:") && !url.starts_with("data:")) {
      errors_.push_back("asked the network for " + url);
    }
  }
}

void Browser::WaitFor(const std::string& event) {
  while (std::find(seen_.begin(), seen_.end(), event) == seen_.end()) {
    Note(Receive());
  }
}

void Browser::Emulate(int width, int height, bool phone,
                      const std::string& scheme) {
  Call("Emulation.setDeviceMetricsOverride", {{"width", width},
                                              {"height", height},
                                              {"deviceScaleFactor", 1},
                                              {"mobile", phone}});
  Call("Emulation.setEmulatedMedia",
       {{"features", {{{"name", "prefers-color-scheme"}, {"value", scheme}}}}});
}

void Browser::Open(const std::string& path) {
  seen_.clear();
  Call("Page.navigate", {{"url", "file://" + path}});
  WaitFor("Page.loadEventFired");
  // Two frames: what is drawn in the next one has been drawn.
  Evaluate(
      "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() "
      "=> r(1))))");
}

json Browser::Evaluate(const std::string& expression) {
  const json result = Call("Runtime.evaluate", {{"expression", expression},
                                                {"returnByValue", true},
                                                {"awaitPromise", true}});
  if (result.contains("exceptionDetails")) {
    throw std::runtime_error(expression + ": " +
                             result["exceptionDetails"].dump());
  }
  return result["result"].value("value", json());
}

void Browser::Click(double x, double y) {
  for (const char* const type : {"mousePressed", "mouseReleased"}) {
    Call("Input.dispatchMouseEvent", {{"type", type},
                                      {"x", x},
                                      {"y", y},
                                      {"button", "left"},
                                      {"clickCount", 1}});
  }
}

void Browser::Key(const std::string& key) {
  for (const char* const type : {"keyDown", "keyUp"}) {
    Call("Input.dispatchKeyEvent",
         {{"type", type}, {"key", key}, {"code", key}});
  }
}

}  // namespace faultline::report
