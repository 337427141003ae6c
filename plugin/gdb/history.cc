#include "plugin/gdb/history.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "guest_mm/base/check.h"

namespace faultline::gdb {
namespace {

constexpr size_t kMostCopies = 24;
constexpr int kLost = 125;

// What goes over a line: a letter, and a word or a text of so many bytes.
constexpr char kDo = 'd', kEnd = 'e';

// False: the other side has gone.
bool Send(int line, const void* from, size_t bytes) {
  const char* at = static_cast<const char*>(from);
  while (bytes != 0) {
    const ssize_t n = send(line, at, bytes, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    at += n;
    bytes -= size_t(n);
  }
  return true;
}

bool Receive(int line, void* to, size_t bytes) {
  char* at = static_cast<char*>(to);
  while (bytes != 0) {
    const ssize_t n = recv(line, at, bytes, 0);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    at += n;
    bytes -= size_t(n);
  }
  return true;
}

struct Line {
  int mine = -1, other = -1;
};

Line MakeLine() {
  int ends[2];
  FL_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  return {ends[0], ends[1]};
}

}  // namespace

History::Who History::Begin(const Position& at, Plan* plan) {
  std::fflush(nullptr);
  Line line = MakeLine();
  // Copies are nobody's to wait for.
  std::signal(SIGCHLD, SIG_IGN);
  const pid_t child = fork();
  FL_CHECK(child >= 0);
  if (child == 0) {
    close(line.other);
    copies_.push_back({at, line.mine});
    return Who::kOriginal;
  }
  close(line.mine);
  Sleep(at, line.other, plan);
  return Who::kAnother;
}

void History::Sleep(const Position& at, int line, Plan* plan) {
  const bool first = copies_.empty();
  for (;;) {
    char what = 0;
    uint64_t word = 0;
    if (!Receive(line, &what, 1) || !Receive(line, &word, sizeof word)) {
      _exit(first ? kLost : 0);
    }
    if (what == kEnd) {
      _exit(int(word));
    }
    std::string text(word, '\0');
    if (!Receive(line, text.data(), text.size())) {
      _exit(first ? kLost : 0);
    }
    const Line next = MakeLine();
    const pid_t child = fork();
    if (child == 0) {
      close(line);
      close(next.other);
      copies_.push_back({at, next.mine});
      *plan = DecodePlan(text);
      return;
    }
    close(line);
    close(next.mine);
    line = next.other;
    if (child < 0) {
      _exit(kLost);
    }
  }
}

bool History::Has(const Position& at) const {
  return !copies_.empty() && copies_.back().at == at;
}

History::Who History::Take(const Position& at, Plan* plan) {
  ThinOut();
  std::fflush(nullptr);
  const Line line = MakeLine();
  const pid_t child = fork();
  if (child != 0) {
    close(line.other);
    if (child < 0) {
      close(line.mine);
    } else {
      copies_.push_back({at, line.mine});
    }
    return Who::kOriginal;
  }
  close(line.mine);
  Sleep(at, line.other, plan);
  return Who::kAnother;
}

// Of those between the first and the last, every other goes.
void History::ThinOut() {
  if (copies_.size() < kMostCopies) {
    return;
  }
  std::vector<Copy> kept;
  for (size_t i = 0; i < copies_.size(); ++i) {
    if (i % 2 == 0) {
      kept.push_back(copies_[i]);
    } else {
      close(copies_[i].line);
    }
  }
  copies_ = std::move(kept);
}

void History::GoBack(const Position& from, const Plan& plan) {
  FL_CHECK(begun());
  size_t best = 0;
  while (best + 1 < copies_.size() && copies_[best + 1].at <= from) {
    ++best;
  }
  const std::string text = Encode(plan);
  const uint64_t size = text.size();
  std::fflush(nullptr);
  const int line = copies_[best].line;
  const bool sent = Send(line, &kDo, 1) && Send(line, &size, sizeof size) &&
                    Send(line, text.data(), text.size());
  _exit(sent ? 0 : kLost);
}

void History::End(int status) {
  std::fflush(nullptr);
  const auto word = uint64_t(status);
  if (begun()) {
    const int line = copies_.front().line;
    (void)(Send(line, &kEnd, 1) && Send(line, &word, sizeof word));
  }
  _exit(status);
}

}  // namespace faultline::gdb
