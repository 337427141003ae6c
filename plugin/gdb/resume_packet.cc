// Packets after which the machine goes on. Those that are no good are none:
// Plain() answers them.

#include "plugin/gdb/gdb_signal.h"
#include "plugin/gdb/hex.h"
#include "plugin/gdb/server.h"

namespace faultline::gdb {
namespace {

// "c", "C0b", "s", "S0b", "r10,20".
std::optional<Resume::Action> ParseAction(std::string_view text) {
  if (text.empty()) {
    return std::nullopt;
  }
  Resume::Action action;
  std::string_view rest = text.substr(1);
  switch (text[0]) {
    case 'c':
    case 's':
      action.step = text[0] == 's';
      return rest.empty() ? std::optional(action) : std::nullopt;
    case 'C':
    case 'S': {
      const auto signal = ParseNumber(rest);
      if (!signal.has_value() || *signal > 0xff) {
        return std::nullopt;
      }
      action.step = text[0] == 'S';
      action.signal = FromGdbSignal(int(*signal));
      return action;
    }
    case 'r': {
      const auto start = ParseNumber(TakeUntil(&rest, ","));
      const auto end = ParseNumber(rest);
      if (!start.has_value() || !end.has_value()) {
        return std::nullopt;
      }
      action.step = true;
      action.range_start = *start;
      action.range_end = *end;
      return action;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Resume> Server::Resuming(std::string_view packet) {
  Resume resume;
  if (packet.starts_with("vCont;")) {
    packet.remove_prefix(6);
    while (!packet.empty()) {
      std::string_view one = TakeUntil(&packet, ";");
      auto action = ParseAction(TakeUntil(&one, ":"));
      if (!action.has_value()) {
        return std::nullopt;
      }
      if (!one.empty()) {
        const auto threads = ParseThread(one);
        if (!threads.has_value()) {
          return std::nullopt;
        }
        action->threads = *threads;
      }
      resume.actions.push_back(*action);
    }
    return resume;
  }
  if (packet == "bs" || packet == "bc") {
    resume.kind =
        packet == "bs" ? Resume::Kind::kBackStep : Resume::Kind::kBackContinue;
    return resume;
  }
  if (packet == "k" || packet.starts_with("vKill;")) {
    resume.kind = Resume::Kind::kKill;
    return resume;
  }
  if (packet == "D") {
    resume.kind = Resume::Kind::kLeave;
    return resume;
  }
  if (packet.starts_with("D;")) {
    const auto pid = ParseNumber(packet.substr(2));
    const bool last = pid.has_value() && session_.attached.size() == 1 &&
                      session_.attached.contains(int64_t(*pid));
    if (!last) {
      return std::nullopt;
    }
    resume.kind = Resume::Kind::kLeave;
    return resume;
  }
  // Of the days before vCont; an address to go on at is not for us.
  const bool simple =
      !packet.empty() && (packet[0] == 'c' || packet[0] == 's' ||
                          packet[0] == 'C' || packet[0] == 'S');
  if (const auto action = ParseAction(packet); simple && action.has_value()) {
    resume.actions.push_back(*action);
    return resume;
  }
  return std::nullopt;
}

}  // namespace faultline::gdb
