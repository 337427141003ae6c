#include "plugin/gdb/server.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "plugin/gdb/hex.h"
#include "plugin/gdb/packet.h"
#include "plugin/gdb/register_set.h"
#include "plugin/gdb/stop_reply.h"

namespace faultline::gdb {
namespace {

constexpr char kOk[] = "OK";
constexpr char kBadPacket[] = "E01";
constexpr char kNoThread[] = "E03";   // ESRCH
constexpr char kBadMemory[] = "E0e";  // EFAULT
// What fits into a packet, in hex.
constexpr uint64_t kMostMemory = (kMaxPacket - 8) / 2;

}  // namespace

// "pPID.TID", "pPID", "TID", "-1" in place of either number.
std::optional<ThreadId> Server::ParseThread(std::string_view text) const {
  const auto number = [](std::string_view digits) -> std::optional<int64_t> {
    if (digits == "-1") {
      return -1;
    }
    const auto n = ParseNumber(digits);
    return n.has_value() && *n <= INT32_MAX ? std::optional(int64_t(*n))
                                            : std::nullopt;
  };
  ThreadId id;
  if (!text.starts_with("p")) {
    const auto tid = number(text);
    if (!tid.has_value()) {
      return std::nullopt;
    }
    id.tid = *tid;
    id.pid = *tid <= 0 ? *tid : 0;
    return id;
  }
  text.remove_prefix(1);
  const auto pid = number(TakeUntil(&text, "."));
  const auto tid = text.empty() ? std::optional<int64_t>(-1) : number(text);
  if (!pid.has_value() || !tid.has_value()) {
    return std::nullopt;
  }
  return ThreadId{*pid, *tid};
}

ThreadId Server::General() {
  const std::vector<ThreadId> all = target_.Threads();
  const ThreadId wanted = session_.general;
  const auto matches = [&wanted](const ThreadId& t) {
    return (wanted.pid <= 0 || t.pid == wanted.pid) &&
           (wanted.tid <= 0 || t.tid == wanted.tid);
  };
  if (matches(session_.stopped) &&
      std::ranges::find(all, session_.stopped) != all.end()) {
    return session_.stopped;
  }
  const auto found = std::ranges::find_if(all, matches);
  return found == all.end() ? ThreadId{} : *found;
}

Answer Server::Handle(std::string_view packet, const Stop& last) {
  Answer answer;
  if (auto resume = Resuming(packet); resume.has_value()) {
    // Killing by name and leaving are answered; going on is, by the next stop.
    const bool answered =
        packet.starts_with("vKill") || packet.starts_with("D");
    answer.reply = answered ? kOk : "";
    answer.silent = !answered;
    answer.resume = std::move(resume);
    return answer;
  }
  answer.reply = Plain(packet, last);
  return answer;
}

std::string Server::Plain(std::string_view packet, const Stop& last) {
  if (packet.empty()) {
    return "";
  }
  const std::string_view args = packet.substr(1);
  switch (packet[0]) {
    case '?':
      return StopReply(session_, last);
    case 'q':
      return Query(packet);
    case 'Q':
      return Set(packet);
    case 'H':
      return SetThread(args);
    case 'T':
      return IsAlive(args);
    case 'g': {
      const auto bytes = target_.Registers(General());
      return bytes.has_value() ? ToHex(*bytes) : kNoThread;
    }
    case 'G': {
      const auto bytes = FromHex(args);
      return bytes.has_value() && target_.SetRegisters(General(), *bytes)
                 ? kOk
                 : kBadPacket;
    }
    case 'p':
      return ReadRegister(args);
    case 'P':
      return WriteRegister(args);
    case 'm':
      return ReadMemory(args);
    case 'M':
      return WriteMemory(args, /*binary=*/false);
    case 'X':
      return WriteMemory(args, /*binary=*/true);
    case 'z':
      return ChangePoint(args, /*insert=*/false);
    case 'Z':
      return ChangePoint(args, /*insert=*/true);
    case 'D': {  // of one process among others
      std::string_view rest = args;
      (void)TakeUntil(&rest, ";");
      const auto pid = ParseNumber(rest);
      if (!pid.has_value()) {
        return kBadPacket;
      }
      target_.Detach(int64_t(*pid));
      return kOk;
    }
    case 'v':
      if (packet == "vCont?") {
        return "vCont;c;C;s;S;r";
      }
      return packet.starts_with("vFile:") ? HostIo(packet.substr(6)) : "";
    default:
      return "";
  }
}

std::string Server::SetThread(std::string_view args) {
  if (args.empty() || (args[0] != 'g' && args[0] != 'c')) {
    return kBadPacket;
  }
  const auto thread = ParseThread(args.substr(1));
  if (!thread.has_value()) {
    return kBadPacket;
  }
  (args[0] == 'g' ? session_.general : session_.control) = *thread;
  return kOk;
}

std::string Server::IsAlive(std::string_view args) {
  const auto wanted = ParseThread(args);
  const std::vector<ThreadId> all = target_.Threads();
  const bool alive =
      wanted.has_value() && std::ranges::any_of(all, [&](const ThreadId& t) {
        return t.tid == wanted->tid &&
               (wanted->pid == 0 || t.pid == wanted->pid);
      });
  return alive ? kOk : kNoThread;
}

std::string Server::ReadRegister(std::string_view args) {
  const auto number = ParseNumber(args);
  const auto& slots = RegisterSlots(target_.arch());
  const auto bytes = target_.Registers(General());
  if (!number.has_value() || *number >= slots.size() || !bytes.has_value()) {
    return kBadPacket;
  }
  const RegisterSlot slot = slots[*number];
  return ToHex(std::string_view(*bytes).substr(slot.offset, slot.bytes));
}

std::string Server::WriteRegister(std::string_view args) {
  const auto number = ParseNumber(TakeUntil(&args, "="));
  const auto value = FromHex(args);
  const auto& slots = RegisterSlots(target_.arch());
  auto bytes = target_.Registers(General());
  if (!number.has_value() || *number >= slots.size() || !value.has_value() ||
      !bytes.has_value() || value->size() != slots[*number].bytes) {
    return kBadPacket;
  }
  bytes->replace(slots[*number].offset, value->size(), *value);
  return target_.SetRegisters(General(), *bytes) ? kOk : kBadPacket;
}

std::string Server::ReadMemory(std::string_view args) {
  const auto address = ParseNumber(TakeUntil(&args, ","));
  const auto bytes = ParseNumber(args);
  if (!address.has_value() || !bytes.has_value()) {
    return kBadPacket;
  }
  const std::string read =
      target_.Memory(General().pid, *address, std::min(*bytes, kMostMemory));
  return read.empty() && *bytes != 0 ? kBadMemory : ToHex(read);
}

std::string Server::WriteMemory(std::string_view args, bool binary) {
  const auto address = ParseNumber(TakeUntil(&args, ","));
  const auto bytes = ParseNumber(TakeUntil(&args, ":"));
  const auto data = binary ? std::optional(std::string(args)) : FromHex(args);
  if (!address.has_value() || !bytes.has_value() || !data.has_value() ||
      data->size() != *bytes) {
    return kBadPacket;
  }
  return data->empty() || target_.SetMemory(General().pid, *address, *data)
             ? kOk
             : kBadMemory;
}

std::string Server::ChangePoint(std::string_view args, bool insert) {
  // Enough for anybody, and each is looked for at every access to its page.
  constexpr size_t kMostPoints = 4096;
  constexpr uint64_t kMostBytes = 4096;
  const auto type = ParseNumber(TakeUntil(&args, ","));
  const auto address = ParseNumber(TakeUntil(&args, ","));
  const auto bytes = ParseNumber(TakeUntil(&args, ";"));
  if (!type.has_value() || !address.has_value() || !bytes.has_value()) {
    return kBadPacket;
  }
  if (*type > uint64_t(PointType::kAccessWatch)) {
    return "";
  }
  const Point point{PointType(*type), General().pid, *address, *bytes};
  std::erase(session_.points, point);
  if (insert) {
    if (session_.points.size() >= kMostPoints ||
        (!point.breaks() && (*bytes == 0 || *bytes > kMostBytes))) {
      return kBadPacket;
    }
    session_.points.push_back(point);
  }
  return target_.SetPoints() ? kOk : kBadPacket;
}

}  // namespace faultline::gdb
