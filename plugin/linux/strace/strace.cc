#include "plugin/linux/strace/strace.h"

#include <algorithm>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/report/peek.h"
#include "plugin/linux/strace/flag_names.h"
#include "plugin/linux/strace/signature.h"
#include "plugin/linux/strace/uffd_text.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr size_t kShownBytes = 32;
constexpr int kAtFdcwd = -100;

std::string Quote(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShownBytes)), "\"",
                      text.size() > kShownBytes ? "..." : "");
}

std::string Address(uint64_t a) {
  return a == 0 ? "NULL" : absl::StrFormat("0x%x", a);
}

// What is not in memory is shown by its address.
bool Peek(Task& task, uint64_t user, absl::Span<std::byte> to) {
  return PeekUser(task.mm(), user, to) == to.size();
}

std::string StringAt(Task& task, uint64_t user) {
  constexpr size_t kMax = 256;
  std::string text;
  for (std::byte c; text.size() < kMax; text.push_back(char(c))) {
    if (!Peek(task, user + text.size(), absl::MakeSpan(&c, 1))) {
      return Address(user);
    }
    if (c == std::byte{0}) {
      // Paths are what one looks for: shown whole.
      return absl::StrCat("\"", absl::CHexEscape(text), "\"");
    }
  }
  return absl::StrCat("\"", absl::CHexEscape(text), "\"...");
}

std::string BytesAt(Task& task, uint64_t user, uint64_t length) {
  std::string text(size_t(std::min<uint64_t>(length, kShownBytes)), '\0');
  if (!Peek(task, user,
            absl::MakeSpan(reinterpret_cast<std::byte*>(text.data()),
                           text.size()))) {
    return Address(user);
  }
  return Quote(text) + (length > kShownBytes ? "..." : "");
}

template <typename T>
bool PeekAt(Task& task, uint64_t user, T* out) {
  return user != 0 &&
         Peek(task, user,
              absl::MakeSpan(reinterpret_cast<std::byte*>(out), sizeof *out));
}

std::string TimespecAt(Task& task, uint64_t user) {
  Timespec t;
  return PeekAt(task, user, &t)
             ? absl::StrFormat("{tv_sec=%d, tv_nsec=%d}", t.sec, t.nsec)
             : Address(user);
}

std::string SetAt(Task& task, uint64_t user) {
  uint64_t bits = 0;
  return PeekAt(task, user, &bits) ? SignalSetNames(bits) : Address(user);
}

std::string StringsAt(Task& task, uint64_t user) {
  constexpr int kMax = 8;
  std::string out = "[";
  for (int i = 0;; ++i) {
    uint64_t at = 0;
    if (!PeekAt(task, user + uint64_t(i) * 8, &at)) {
      return Address(user);
    }
    if (at == 0 || i == kMax) {
      return absl::StrCat(out, at == 0 ? "]" : ", ...]");
    }
    absl::StrAppend(&out, i == 0 ? "" : ", ", StringAt(task, at));
  }
}

// One argument at the call's entry; 'r' buffers are not filled yet.
std::string Format(Task& task, char kind, const SyscallArgs& args, int i) {
  const uint64_t v = args.U64(i);
  switch (kind) {
    case 'd':
    case 'f':
      return absl::StrCat(args.Int(i));
    case 'u':
      return absl::StrCat(v);
    case 'F':
      return args.Int(i) == kAtFdcwd ? "AT_FDCWD" : absl::StrCat(args.Int(i));
    case 's':
      return v == 0 ? "NULL" : StringAt(task, v);
    case 'O':
      return OpenFlagNames(task.abi().OpenFlagsIn(args.Uint(i)));
    case 'm':
      return absl::StrFormat("%#o", args.Uint(i));
    case 'P':
      return ProtNames(v);
    case 'M':
      return MapFlagNames(v);
    case 'S':
      return SignalName(args.Int(i));
    case 'C':
      return CloneFlagNames(v);
    case 'A':
      return AdviceName(v);
    case 'c':
      return ClockName(v);
    case 'e':
      return FutexOperationName(v);
    case 'H':
      return SigprocmaskHowName(v);
    case 't':
      return TimespecAt(task, v);
    case 'k':
      return SetAt(task, v);
    case 'V':
      return StringsAt(task, v);
    case 'w':
      return BytesAt(task, v, args.U64(i + 1));
    case 'p':
      return Address(v);
    default:
      return absl::StrFormat("%#x", v);
  }
}

// open(2)'s mode is only there with O_CREAT.
bool IsAbsentMode(const CallSignature& s, const SyscallArgs& args, size_t i) {
  constexpr uint64_t kCreat = 0100;
  return i > 0 && s.args[i] == 'm' && s.args[i - 1] == 'O' &&
         (args.U64(int(i) - 1) & kCreat) == 0;
}

std::string ResultText(const SyscallResult& result, char kind) {
  if (!result.ok()) {
    return int(result.error()) >= 512
               ? absl::StrFormat("? %s", ErrnoName(result.error()))
               : absl::StrFormat("-1 %s", ErrnoName(result.error()));
  }
  return kind == 'd' ? absl::StrCat(int64_t(*result)) : Address(*result);
}

// A request with a structure that is known: shown instead of two numbers.
std::optional<std::string> KnownIoctl(Task& task, std::string_view name,
                                      const SyscallArgs& args) {
  return name == "ioctl" ? UffdRequestText(task, args.Uint(1), args.U64(2))
                         : std::nullopt;
}

// What printing stops at until the call returns: the first filled buffer.
size_t FirstFilled(const CallSignature* s) {
  const size_t at = s == nullptr ? std::string_view::npos : s->args.find('r');
  return at;
}

}  // namespace

void Strace::Print(Task& task, const std::string& text) {
  print_(absl::StrFormat("[%d] %s", task.tid(), text));
}

void Strace::OnSyscallEnter(Task& task, uint64_t number,
                            const SyscallArgs& args) {
  const std::string name = task.abi().calls().NameOf(number);
  if (const auto request = KnownIoctl(task, name, args)) {
    entered_[task.tid()] = absl::StrCat("ioctl(", args.Int(0), ", ", *request);
    return;
  }
  const CallSignature* s = FindSignature(name);
  const size_t count =
      std::min(s == nullptr ? size_t{6} : s->args.size(), FirstFilled(s));
  std::string text = absl::StrCat(name, "(");
  for (size_t i = 0; i < count; ++i) {
    if (s != nullptr && IsAbsentMode(*s, args, i)) {
      break;
    }
    absl::StrAppend(
        &text, i == 0 ? "" : ", ",
        Format(task, s == nullptr ? 'x' : s->args[i], args, int(i)));
  }
  entered_[task.tid()] = std::move(text);
}

void Strace::OnSyscallExit(Task& task, uint64_t number, const SyscallArgs& args,
                           const SyscallResult& result) {
  const std::string name = task.abi().calls().NameOf(number);
  const CallSignature* s = FindSignature(name);
  std::string text = std::move(entered_[task.tid()]);
  entered_.erase(task.tid());
  if (KnownIoctl(task, name, args)) {
    absl::StrAppend(&text, UffdAnswerText(task, args.Uint(1), args.U64(2)));
  }
  for (size_t i = FirstFilled(s); s != nullptr && i < s->args.size(); ++i) {
    const bool filled = s->args[i] == 'r' && result.ok();
    absl::StrAppend(&text, i == 0 ? "" : ", ",
                    filled ? BytesAt(task, args.U64(int(i)), *result)
                           : Format(task, s->args[i], args, int(i)));
  }
  const bool gone = task.process().exiting || task.run.exit_requested;
  Print(task,
        absl::StrCat(
            text, ") = ",
            gone ? "?" : ResultText(result, s == nullptr ? 'd' : s->result)));
}

void Strace::OnSignal(Task& task, const SigInfo& info) {
  const bool fault = info.code > 0 && info.code != kSiKernel &&
                     (info.signo == kSigSegv || info.signo == kSigBus ||
                      info.signo == kSigIll || info.signo == kSigFpe ||
                      info.signo == kSigTrap);
  Print(task, fault ? absl::StrFormat("--- %s {si_code=%d, si_addr=0x%x} ---",
                                      SignalName(info.signo), info.code,
                                      info.fault.address)
                    : absl::StrFormat("--- %s {si_code=%d} ---",
                                      SignalName(info.signo), info.code));
}

void Strace::OnFatalSignal(Task& task, const SigInfo& info) {
  Print(task, absl::StrFormat("+++ killed by %s +++", SignalName(info.signo)));
}

void Strace::OnExit(Task& task) {
  const int code = task.process().exit_code;
  if ((code & 0x7f) == 0) {
    Print(task, absl::StrFormat("+++ exited with %d +++", code >> 8 & 0xff));
  }
}

}  // namespace faultline::os
