// q and Q packets.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/gdb/gdb_signal.h"
#include "plugin/gdb/hex.h"
#include "plugin/gdb/packet.h"
#include "plugin/gdb/register_set.h"
#include "plugin/gdb/server.h"
#include "plugin/gdb/stop_reply.h"

namespace faultline::gdb {
namespace {

constexpr char kOk[] = "OK";
constexpr char kBadPacket[] = "E01";
constexpr char kBadMemory[] = "E0e";
// What is asked for at once, of anything.
constexpr uint64_t kMostPiece = kMaxPacket / 2 - 16;

std::string EscapeXml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// "l" and the end of it, or "m" and a piece that more follows.
std::string Piece(std::string_view object, uint64_t offset, uint64_t length) {
  if (offset >= object.size()) {
    return "l";
  }
  const std::string_view piece =
      object.substr(offset, std::min(length, kMostPiece));
  const bool last = offset + piece.size() == object.size();
  return (last ? "l" : "m") + std::string(piece);
}

bool Has(std::string_view features, std::string_view name) {
  while (!features.empty()) {
    if (TakeUntil(&features, ";") == name) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string Server::Supported(std::string_view features) {
  session_.multiprocess = Has(features, "multiprocess+");
  session_.reports_forks = Has(features, "fork-events+");
  session_.reports_vforks = Has(features, "vfork-events+");
  session_.reports_execs = Has(features, "exec-events+");
  session_.reports_swbreak = Has(features, "swbreak+");
  session_.reports_hwbreak = Has(features, "hwbreak+");
  return absl::StrFormat(
      "PacketSize=%x;QStartNoAckMode+;multiprocess+;swbreak+;hwbreak+;"
      "fork-events+;vfork-events+;exec-events+;vContSupported+;"
      "QPassSignals+;QProgramSignals+;QCatchSyscalls+;"
      "qXfer:features:read+;qXfer:auxv:read+;qXfer:exec-file:read+;"
      "qXfer:siginfo:read+;qXfer:siginfo:write+;qXfer:threads:read+;"
      "ReverseStep+;ReverseContinue+%s",
      kMaxPacket,
      target_.arch() == engine::Arch::kArm64 ? ";memory-tagging+" : "");
}

std::string Server::Query(std::string_view packet) {
  std::string_view rest = packet;
  const std::string_view name = TakeUntil(&rest, ":,");
  if (name == "qSupported") {
    return Supported(rest);
  }
  if (name == "qXfer") {
    return Transfer(rest);
  }
  if (name == "qC") {
    return "QC" + ThreadText(session_, General());
  }
  if (name == "qAttached") {
    return "0";  // made for the debugger: it is killed with it
  }
  if (name == "qfThreadInfo") {
    std::string reply;
    for (const ThreadId& t : target_.Threads()) {
      absl::StrAppend(&reply, reply.empty() ? "m" : ",",
                      ThreadText(session_, t));
      if (reply.size() > kMostPiece) {
        break;
      }
    }
    return reply.empty() ? "l" : reply;
  }
  if (name == "qsThreadInfo") {
    return "l";
  }
  if (name == "qThreadExtraInfo") {
    const auto thread = ParseThread(rest);
    return thread.has_value() ? ToHex(target_.ThreadName(*thread)) : kBadPacket;
  }
  if (name == "qRcmd") {
    return Command(rest);
  }
  if (name == "qMemTags") {
    return MemoryTags(rest);
  }
  if (name == "qIsAddressTagged") {
    const auto address = ParseNumber(rest);
    if (!address.has_value()) {
      return kBadPacket;
    }
    return target_.Tags(General().pid, *address, 1).has_value() ? "01" : "00";
  }
  return "";
}

// The signals of a list, in Linux's numbers. False: no such list.
bool ParseSignals(std::string_view text, std::set<int>* signals) {
  signals->clear();
  while (!text.empty()) {
    const auto number = ParseNumber(TakeUntil(&text, ";"));
    if (!number.has_value() || *number > 0xff) {
      return false;
    }
    signals->insert(FromGdbSignal(int(*number)));
  }
  return true;
}

std::string Server::Set(std::string_view packet) {
  std::string_view rest = packet;
  const std::string_view name = TakeUntil(&rest, ":");
  if (name == "QStartNoAckMode") {
    session_.acknowledges = false;
    return kOk;
  }
  if (name == "QPassSignals") {
    return ParseSignals(rest, &session_.passed_signals) ? kOk : kBadPacket;
  }
  if (name == "QProgramSignals") {
    std::set<int> given;  // what may be delivered is gdb's to say, as it does
    return ParseSignals(rest, &given) ? kOk : kBadPacket;
  }
  if (name == "QCatchSyscalls") {
    session_.caught_syscalls.clear();
    const std::string_view on = TakeUntil(&rest, ";");
    session_.catches_syscalls = on == "1";
    while (!rest.empty()) {
      const auto number = ParseNumber(TakeUntil(&rest, ";"));
      if (!number.has_value()) {
        return kBadPacket;
      }
      session_.caught_syscalls.insert(*number);
    }
    return on == "0" || on == "1" ? kOk : kBadPacket;
  }
  if (name == "QMemTags") {
    return SetMemoryTags(rest);
  }
  return "";
}

std::string Server::ThreadsXml() {
  std::string xml = "<?xml version=\"1.0\"?>\n<threads>\n";
  for (const ThreadId& t : target_.Threads()) {
    absl::StrAppend(&xml, "<thread id=\"", ThreadText(session_, t),
                    "\" name=\"", EscapeXml(target_.ThreadName(t)), "\"/>\n");
  }
  return xml + "</threads>\n";
}

std::string Server::ReadObject(std::string_view object, std::string_view annex,
                               bool* found) {
  std::optional<std::string> all;
  if (object == "features" && annex == "target.xml") {
    all = TargetDescription(target_.arch());
  } else if (object == "auxv") {
    all = target_.Auxv(General().pid);
  } else if (object == "threads") {
    all = ThreadsXml();
  } else if (object == "siginfo") {
    all = target_.Siginfo();
  } else if (object == "exec-file") {
    const auto pid = ParseNumber(annex);
    all = target_.ExecFile(pid.has_value() ? int64_t(*pid) : General().pid);
  }
  *found = all.has_value();
  return all.value_or("");
}

std::string Server::Transfer(std::string_view rest) {
  const std::string_view object = TakeUntil(&rest, ":");
  const std::string_view direction = TakeUntil(&rest, ":");
  if (direction == "write") {
    return object == "siginfo" ? TransferWrite(rest) : "";
  }
  const std::string_view annex = TakeUntil(&rest, ":");
  const auto offset = ParseNumber(TakeUntil(&rest, ","));
  const auto length = ParseNumber(rest);
  if (direction != "read" || !offset.has_value() || !length.has_value()) {
    return kBadPacket;
  }
  bool found = false;
  const std::string all = ReadObject(object, annex, &found);
  return found ? Piece(all, *offset, *length) : "E00";
}

// "ANNEX:OFFSET:DATA", of the signal's information.
std::string Server::TransferWrite(std::string_view rest) {
  (void)TakeUntil(&rest, ":");
  const auto offset = ParseNumber(TakeUntil(&rest, ":"));
  auto info = target_.Siginfo();
  if (!offset.has_value() || !info.has_value() || *offset > info->size() ||
      rest.size() > info->size() - *offset) {
    return kBadPacket;
  }
  info->replace(*offset, rest.size(), rest);
  return target_.SetSiginfo(*info) ? absl::StrFormat("%x", rest.size())
                                   : std::string(kBadPacket);
}

// "ADDRESS,LENGTH:TYPE"; type 1 is of memory, 0 of the pointer, which gdb knows
// itself.
std::string Server::MemoryTags(std::string_view args) {
  const auto address = ParseNumber(TakeUntil(&args, ","));
  const auto length = ParseNumber(TakeUntil(&args, ":"));
  if (!address.has_value() || !length.has_value() || args != "1") {
    return kBadPacket;
  }
  constexpr uint64_t kGranule = 16;
  const auto tags = target_.Tags(General().pid, *address,
                                 std::min(*length, kMostPiece * kGranule));
  return tags.has_value() ? "m" + ToHex(*tags) : kBadMemory;
}

// "ADDRESS,LENGTH:TYPE:TAGS"; the tags are repeated over the range.
std::string Server::SetMemoryTags(std::string_view args) {
  constexpr uint64_t kGranule = 16;
  constexpr uint64_t kMost = uint64_t{1} << 30;
  const auto address = ParseNumber(TakeUntil(&args, ","));
  const auto length = ParseNumber(TakeUntil(&args, ":"));
  const std::string_view type = TakeUntil(&args, ":");
  const auto tags = FromHex(args);
  if (!address.has_value() || !length.has_value() || *length > kMost ||
      type != "1" || !tags.has_value() || tags->empty()) {
    return kBadPacket;
  }
  const uint64_t first = *address & ~(kGranule - 1);
  const uint64_t granules =
      *length == 0 ? 1 : (*address + *length - first + kGranule - 1) / kGranule;
  std::string all;
  for (uint64_t i = 0; i < granules; ++i) {
    all += char((*tags)[i % tags->size()] & 0xf);
  }
  return target_.SetTags(General().pid, first, all) ? kOk : kBadMemory;
}

std::string Server::Command(std::string_view hex) {
  const auto command = FromHex(hex);
  if (!command.has_value()) {
    return kBadPacket;
  }
  std::string text = target_.Monitor(*command);
  if (text.size() > kMostPiece) {
    text.resize(kMostPiece);
    text += "...\n";
  }
  return text.empty() ? kOk : ToHex(text);
}

}  // namespace faultline::gdb
