#ifndef FAULTLINE_PLUGIN_GDB_PACKET_H_
#define FAULTLINE_PLUGIN_GDB_PACKET_H_

// The framing of gdb's remote serial protocol ("Overview" in Appendix E of the
// gdb manual): $payload#checksum, acknowledgements, and the interrupt byte.
// Nothing here knows what a payload says.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faultline::gdb {

// Longer packets are refused; we tell gdb so.
inline constexpr size_t kMaxPacket = 16384;

// `payload` framed; bytes that must be are escaped.
std::string Frame(std::string_view payload);

class PacketReader {
 public:
  enum class Kind : uint8_t {
    kPacket,
    kAck,
    kNack,
    kInterrupt,
    kBad,  // a wrong checksum or too long: it is gone
  };
  struct Event {
    Kind kind = Kind::kBad;
    std::string payload{};  // of kPacket, unescaped
  };

  void Feed(std::string_view bytes) { bytes_ += bytes; }
  // The next event in what was fed, if it is complete. Bytes between packets
  // that mean nothing are dropped.
  std::optional<Event> Next();

 private:
  Event Check(std::string_view body, std::string_view checksum);

  std::string bytes_;
  bool skipping_ = false;  // the rest of a packet that is too long
};

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_PACKET_H_
