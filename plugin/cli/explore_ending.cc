#include "plugin/cli/explore_ending.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace faultline::cli {
namespace {

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) {
      _exit(1);
    }
    bytes.remove_prefix(n > 0 ? size_t(n) : 0);
  }
}

bool ReadAll(int fd, char* to, size_t bytes) {
  while (bytes > 0) {
    const ssize_t n = read(fd, to, bytes);
    if (n == 0 || (n < 0 && errno != EINTR)) {
      return false;
    }
    to += n > 0 ? n : 0;
    bytes -= n > 0 ? size_t(n) : 0;
  }
  return true;
}

// Fields one after the other, as they lie in memory: both ends are copies of
// one process.
template <typename T>
void Put(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void PutBytes(std::string& out, const void* bytes, size_t n) {
  Put(out, n);
  out.append(static_cast<const char*>(bytes), n);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  template <typename T>
  T Get() {
    T value{};
    Take(&value, sizeof value);
    return value;
  }
  std::string GetString() {
    std::string text(Get<size_t>(), '\0');
    Take(text.data(), text.size());
    return text;
  }
  std::vector<explore::Turn> GetTurns() {
    std::vector<explore::Turn> turns(Get<size_t>() / sizeof(explore::Turn));
    Take(turns.data(), turns.size() * sizeof(explore::Turn));
    return turns;
  }

 private:
  void Take(void* to, size_t n) {
    if (n != 0) {
      std::memcpy(to, left_.data(), n);
    }
    left_.remove_prefix(n);
  }
  std::string_view left_;
};

}  // namespace

bool IsViolation(const Ending& ending) {
  return ending.kind >= Ending::Kind::kDeadlock;
}

void SendEnding(int fd, const Ending& e) {
  std::string out;
  Put(out, size_t{0});  // the length of the rest
  Put(out, e.kind);
  Put(out, e.found_at_end);
  Put(out, e.output);
  Put(out, e.virtual_ns);
  Put(out, e.choices);
  Put(out, e.trace_hash.has_value());
  Put(out, e.trace_hash.value_or(0));
  for (const std::string* s : {&e.what, &e.detail, &e.schedule, &e.story}) {
    PutBytes(out, s->data(), s->size());
  }
  PutBytes(out, e.turns.data(), e.turns.size() * sizeof(explore::Turn));
  const size_t rest = out.size() - sizeof rest;
  std::memcpy(out.data(), &rest, sizeof rest);
  WriteAll(fd, out);
}

std::optional<Ending> ReceiveEnding(int fd) {
  size_t rest = 0;
  if (!ReadAll(fd, reinterpret_cast<char*>(&rest), sizeof rest)) {
    return std::nullopt;
  }
  std::string bytes(rest, '\0');
  if (!ReadAll(fd, bytes.data(), rest)) {
    return std::nullopt;
  }
  Reader in(bytes);
  Ending e;
  e.kind = in.Get<Ending::Kind>();
  e.found_at_end = in.Get<bool>();
  e.output = in.Get<uint64_t>();
  e.virtual_ns = in.Get<uint64_t>();
  e.choices = in.Get<uint64_t>();
  const bool hashed = in.Get<bool>();
  const auto hash = in.Get<uint64_t>();
  e.trace_hash = hashed ? std::optional(hash) : std::nullopt;
  for (std::string* s : {&e.what, &e.detail, &e.schedule, &e.story}) {
    *s = in.GetString();
  }
  e.turns = in.GetTurns();
  return e;
}

}  // namespace faultline::cli
