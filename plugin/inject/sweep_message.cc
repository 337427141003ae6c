#include "plugin/inject/sweep_message.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <type_traits>

namespace faultline::inject {

static_assert(std::is_trivially_copyable_v<Message> &&
              sizeof(Message) <= PIPE_BUF);  // else others' could come between

void Message::SetText(std::string_view s) {
  const size_t n = std::min(s.size(), sizeof text - 1);
  std::memcpy(text, s.data(), n);
  text[n] = '\0';
}

void Send(int fd, const Message& message) {
  while (write(fd, &message, sizeof message) < 0 && errno == EINTR) {
  }
}

std::optional<Message> Receive(int fd) {
  Message m;
  size_t have = 0;
  while (have < sizeof m) {
    const ssize_t n =
        read(fd, reinterpret_cast<char*>(&m) + have, sizeof m - have);
    if (n == 0 || (n < 0 && errno != EINTR)) {
      return std::nullopt;
    }
    have += n > 0 ? size_t(n) : 0;
  }
  return m;
}

}  // namespace faultline::inject
