#include "plugin/linux/loader/initial_stack.h"

#include <elf.h>

#include <cstring>
#include <string_view>

#include "absl/types/span.h"

namespace faultline::os {
namespace {

constexpr size_t kMaxString = 128 * 1024;  // MAX_ARG_STRLEN

// Grows downwards from `top`; remembers the bytes for the end.
class Pusher {
 public:
  explicit Pusher(uint64_t top) : top_(top), at_(top) {}

  uint64_t at() const { return at_; }
  uint64_t Push(const void* data, size_t n) {
    at_ -= n;
    pieces_.push_back({at_, std::string(static_cast<const char*>(data), n)});
    return at_;
  }
  uint64_t PushString(std::string_view s) {
    const std::string terminated(s);
    return Push(terminated.c_str(), terminated.size() + 1);
  }
  void AlignTo(uint64_t bytes) { at_ &= ~(bytes - 1); }
  void Skip(uint64_t bytes) { at_ -= bytes; }

  std::vector<std::byte> Take() const {
    std::vector<std::byte> out(top_ - at_);
    for (const auto& [address, text] : pieces_) {
      std::memcpy(out.data() + (address - at_), text.data(), text.size());
    }
    return out;
  }

 private:
  uint64_t top_;
  uint64_t at_;
  std::vector<std::pair<uint64_t, std::string>> pieces_;
};

ErrnoOr<Done> CheckSizes(const InitialStack& what, uint64_t limit) {
  uint64_t total = what.file_name.size() + 1;
  for (const auto* list : {&what.argv, &what.envp}) {
    for (const std::string& s : *list) {
      if (s.size() >= kMaxString) {
        return Errno::kE2BIG;
      }
      total += s.size() + 1 + sizeof(uint64_t);
      if (total > limit) {
        return Errno::kE2BIG;
      }
    }
  }
  return kDone;
}

// Pushes so that the strings lie in ascending order; returns their addresses.
std::vector<uint64_t> PushAll(Pusher& p, const std::vector<std::string>& list) {
  std::vector<uint64_t> at(list.size());
  for (size_t i = list.size(); i-- > 0;) {
    at[i] = p.PushString(list[i]);
  }
  return at;
}

}  // namespace

ErrnoOr<StackLayout> LayOutStack(const InitialStack& what, uint64_t top,
                                 uint64_t limit) {
  FL_TRY(CheckSizes(what, limit));
  StackLayout out;
  Pusher p(top);
  p.Skip(sizeof(uint64_t));  // a null word at the very top
  const uint64_t file_name = p.PushString(what.file_name);
  out.env_end = p.at();
  const std::vector<uint64_t> env = PushAll(p, what.envp);
  out.env_start = out.arg_end = p.at();
  const std::vector<uint64_t> arg = PushAll(p, what.argv);
  out.arg_start = p.at();
  p.AlignTo(16);
  const uint64_t platform = p.PushString(what.platform);
  const uint64_t random = p.Push(what.random.data(), what.random.size());
  p.AlignTo(16);

  out.aux = what.aux;
  out.aux.insert(out.aux.end(), {{AT_RANDOM, random},
                                 {AT_EXECFN, file_name},
                                 {AT_PLATFORM, platform},
                                 {AT_NULL, 0}});
  std::vector<uint64_t> words{arg.size()};
  words.insert(words.end(), arg.begin(), arg.end());
  words.push_back(0);
  words.insert(words.end(), env.begin(), env.end());
  words.push_back(0);
  for (const auto& [key, value] : out.aux) {
    words.push_back(key);
    words.push_back(value);
  }
  if (words.size() % 2 != 0) {
    p.Skip(sizeof(uint64_t));  // so that sp is 16-byte aligned
  }
  out.sp = p.Push(words.data(), words.size() * sizeof(uint64_t));
  out.bytes = p.Take();
  return out;
}

}  // namespace faultline::os
