#include "plugin/gdb/packet.h"

#include "plugin/gdb/hex.h"

namespace faultline::gdb {
namespace {

constexpr char kEscape = '}';
constexpr char kEscapeBit = 0x20;
constexpr char kInterruptByte = 0x03;

uint8_t SumOf(std::string_view bytes) {
  unsigned sum = 0;
  for (const char c : bytes) {
    sum += uint8_t(c);
  }
  return uint8_t(sum);
}

}  // namespace

std::string Frame(std::string_view payload) {
  std::string body;
  for (const char c : payload) {
    if (c == '#' || c == '$' || c == '*' || c == kEscape) {
      body += kEscape;
      body += char(c ^ kEscapeBit);
    } else {
      body += c;
    }
  }
  const char sum = char(SumOf(body));
  return "$" + body + "#" + ToHex({&sum, 1});
}

PacketReader::Event PacketReader::Check(std::string_view body,
                                        std::string_view checksum) {
  const auto sum = ParseNumber(checksum);
  Event event;
  if (!sum.has_value() || *sum != SumOf(body)) {
    return event;
  }
  event.kind = Kind::kPacket;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] == kEscape && i + 1 < body.size()) {
      event.payload += char(body[++i] ^ kEscapeBit);
    } else {
      event.payload += body[i];
    }
  }
  return event;
}

std::optional<PacketReader::Event> PacketReader::Next() {
  constexpr size_t kChecksum = 2;
  while (!bytes_.empty()) {
    const char first = bytes_[0];
    if (first != '$' && !skipping_) {
      bytes_.erase(0, 1);
      switch (first) {
        case '+':
          return Event{Kind::kAck};
        case '-':
          return Event{Kind::kNack};
        case kInterruptByte:
          return Event{Kind::kInterrupt};
        default:
          continue;
      }
    }
    const size_t end = bytes_.find('#');
    if (end == std::string::npos) {
      if (bytes_.size() > kMaxPacket) {
        bytes_.clear();
        skipping_ = true;
      }
      return std::nullopt;
    }
    if (end + kChecksum >= bytes_.size()) {
      return std::nullopt;
    }
    Event event;
    if (!skipping_ && end <= kMaxPacket) {
      event = Check(std::string_view(bytes_).substr(1, end - 1),
                    std::string_view(bytes_).substr(end + 1, kChecksum));
    }
    skipping_ = false;
    bytes_.erase(0, end + 1 + kChecksum);
    return event;
  }
  return std::nullopt;
}

}  // namespace faultline::gdb
