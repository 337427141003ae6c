#ifndef FAULTLINE_PLUGIN_TRACE_PROTO_WRITER_H_
#define FAULTLINE_PLUGIN_TRACE_PROTO_WRITER_H_

// ProtoWriter: one message of protocol buffers, field by field, as the encoding
// guide at protobuf.dev has it: a key of number and wire type, then a varint,
// or a length and bytes.

#include <cstdint>
#include <string>
#include <string_view>

namespace faultline::trace {

class ProtoWriter {
 public:
  void Varint(uint32_t field, uint64_t value) {
    Raw(uint64_t{field} << 3);
    Raw(value);
  }
  void Bytes(uint32_t field, std::string_view bytes) {
    Raw(uint64_t{field} << 3 | kLengthDelimited);
    Raw(bytes.size());
    bytes_ += bytes;
  }
  void Message(uint32_t field, const ProtoWriter& message) {
    Bytes(field, message.bytes_);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  static constexpr uint64_t kLengthDelimited = 2;
  void Raw(uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
      bytes_ += char(value | 0x80);
    }
    bytes_ += char(value);
  }
  std::string bytes_;
};

}  // namespace faultline::trace

#endif  // FAULTLINE_PLUGIN_TRACE_PROTO_WRITER_H_
