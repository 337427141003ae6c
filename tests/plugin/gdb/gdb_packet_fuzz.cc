// Whoever comes to the port may send anything: each packet has an answer, and
// nothing else happens.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "guest_mm/base/check.h"
#include "plugin/gdb/packet.h"
#include "plugin/gdb/server.h"
#include "tests/plugin/gdb/test_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace gdb = faultline::gdb;
  gdb::PacketReader reader;
  gdb::TestTarget target;
  gdb::Session session;
  session.attached = {100};
  gdb::Server server(target, session);
  // A line each is a packet, besides what the bytes are by themselves.
  std::string_view text(reinterpret_cast<const char*>(data), size);
  reader.Feed(text);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    reader.Feed(gdb::Frame(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  while (const auto event = reader.Next()) {
    if (event->kind != gdb::PacketReader::Kind::kPacket) {
      continue;
    }
    const gdb::Answer answer = server.Handle(event->payload, gdb::Stop());
    FL_CHECK(answer.reply.size() <= gdb::kMaxPacket);
  }
  return 0;
}
