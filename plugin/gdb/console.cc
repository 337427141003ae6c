#include "plugin/gdb/console.h"

#include <algorithm>
#include <cstring>

namespace faultline::gdb {
namespace {

// An answer, by its first letter: not ready, ready, an error, bytes.
constexpr char kNotReady = 'n', kReady = 'y', kError = 'e', kBytes = 'b';

}  // namespace

bool RewindConsole::InputReady() {
  if (!Repeats()) {
    const bool ready = !muted_ && world_.InputReady();
    log_.inputs.emplace_back(1, ready ? kReady : kNotReady);
  }
  return log_.inputs[at_++][0] == kReady;
}

void RewindConsole::AwaitInput() {
  if (!Repeats() && !muted_) {
    world_.AwaitInput();
  }
}

ErrnoOr<size_t> RewindConsole::Read(absl::Span<std::byte> to) {
  if (!Repeats()) {
    const ErrnoOr<size_t> n =
        muted_ ? ErrnoOr<size_t>(Errno::kEAGAIN) : world_.Read(to);
    std::string answer(1, n.ok() ? kBytes : kError);
    if (n.ok()) {
      answer.append(reinterpret_cast<const char*>(to.data()), *n);
    } else {
      answer += char(n.error());
    }
    log_.inputs.push_back(std::move(answer));
  }
  const std::string& answer = log_.inputs[at_++];
  if (answer[0] != kBytes) {
    return answer.size() > 1 ? Errno(uint8_t(answer[1])) : Errno::kEIO;
  }
  const size_t n = std::min(answer.size() - 1, to.size());
  std::memcpy(to.data(), answer.data() + 1, n);
  return n;
}

ErrnoOr<Done> RewindConsole::Write(Stream stream,
                                   absl::Span<const std::byte> from) {
  const uint64_t seen =
      log_.written > written_
          ? std::min<uint64_t>(log_.written - written_, from.size())
          : 0;
  written_ += from.size();
  log_.written = std::max(log_.written, written_);
  if (muted_ || seen == from.size()) {
    return kDone;
  }
  return world_.Write(stream, from.subspan(size_t(seen)));
}

}  // namespace faultline::gdb
