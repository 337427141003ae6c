// hostile_client SOCKET SEED PACKETS: a gdb that means no good. Sends packets
// that are nearly right, in no order that makes sense, and bytes that are none;
// then goes away without a word.

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "absl/strings/str_format.h"
#include "plugin/gdb/hex.h"
#include "plugin/gdb/packet.h"

namespace faultline::gdb {
namespace {

constexpr int kPatienceMs = 100;

class Client {
 public:
  Client(int fd, uint64_t seed) : fd_(fd), random_(seed) {}

  void SendOne() {
    std::string packet = Next();
    if (Below(8) == 0 && !packet.empty()) {
      packet[Below(packet.size())] = char(Below(256));
    }
    if (Below(16) == 0) {
      packet.resize(Below(packet.size() + 1));
    }
    std::string bytes = Frame(packet);
    if (Below(32) == 0) {
      bytes[Below(bytes.size())] = char(Below(256));
    }
    Say(bytes);
    AwaitReply();
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }

  uint64_t Number() {
    switch (Below(5)) {
      case 0:
        return Below(64);
      case 1:
        return pc_ + Below(4096);
      case 2:
        return ~uint64_t{0} - Below(64);
      case 3:
        return uint64_t{1} << Below(64);
      default:
        return random_();
    }
  }
  std::string Hex(size_t bytes) {
    std::string out;
    for (size_t i = 0; i < bytes; ++i) {
      out += char(Below(256));
    }
    return ToHex(out);
  }
  std::string Thread() {
    return absl::StrFormat("p%x.%x", 99 + Below(4), 99 + Below(4));
  }

  std::string Next() {
    static constexpr const char* kPlain[] = {
        "?",
        "g",
        "qC",
        "qfThreadInfo",
        "qsThreadInfo",
        "vCont?",
        "bs",
        "bc",
        "s",
        "qXfer:siginfo:read::0,80",
        "qAttached",
        "vFile:setfs:0",
        "QStartNoAckMode",
        "qXfer:threads:read::0,fff",
        "qXfer:auxv:read::0,ffffffffffffffff",
        "qSupported:multiprocess+;fork-events+;exec-events+;swbreak+"};
    static constexpr const char* kMonitor[] = {"faults",
                                               "maps",
                                               "ptdump",
                                               "actors",
                                               "locks",
                                               "sites",
                                               "position",
                                               "stop fault any",
                                               "stop point mmap_lock.locked",
                                               "stop none",
                                               "inject slab",
                                               "ptdump 0x10",
                                               "tags 0xffffffffffffffff",
                                               "help",
                                               ""};
    switch (Below(14)) {
      case 0:
        return absl::StrFormat("m%x,%x", Number(), Number());
      case 1:
        return absl::StrFormat("M%x,%x:%s", Number(), 4, Hex(4));
      case 2:
        return absl::StrFormat("%c%d,%x,%x", Below(3) == 0 ? 'z' : 'Z',
                               Below(6), Number(), Below(3) * 4);
      case 3:
        return absl::StrFormat("P%x=%s", Below(80), Hex(Below(2) * 8 + 8));
      case 4:
        return absl::StrFormat("p%x", Number());
      case 5:
        return absl::StrFormat("vCont;%c:%s;%c", "csCSr"[Below(5)], Thread(),
                               "cs"[Below(2)]);
      case 6:
        return absl::StrFormat("vCont;r%x,%x:%s", Number(), Number(), Thread());
      case 7:
        return absl::StrFormat("H%c%s", "gc"[Below(2)], Thread());
      case 8:
        return absl::StrFormat("%cMemTags:%x,%x:1:%s", "qQ"[Below(2)], Number(),
                               Number(), Hex(2));
      case 9:
        return "qRcmd," + ToHex(kMonitor[Below(std::size(kMonitor))]);
      case 10:
        return absl::StrFormat("qXfer:%s:read::%x,%x",
                               Below(2) == 0 ? "exec-file" : "features",
                               Number(), Number());
      case 11:
        return absl::StrFormat("vFile:%s:%x,%x,%x",
                               Below(2) == 0 ? "pread" : "close", Below(3),
                               Number(), Number());
      case 12:
        return "vFile:open:" + ToHex("/proc/self/maps") + ",0,0";
      default:
        return kPlain[Below(std::size(kPlain))];
    }
  }

  void Say(const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t n = send(fd_, bytes.data() + sent, bytes.size() - sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) {
        sent += size_t(n);
      } else if (errno == EAGAIN) {
        Drain();  // it cannot listen while it has something to say
      } else {
        std::exit(0);  // the program has ended, or was killed by our order
      }
    }
  }

  // Whatever it is; a machine that runs for long is asked to stop.
  void AwaitReply() {
    pollfd p{fd_, POLLIN, 0};
    if (poll(&p, 1, kPatienceMs) <= 0) {
      Say("\x03");
      (void)poll(&p, 1, kPatienceMs);
    }
    if (Drain() && Below(64) != 0) {
      Say("+");
    }
  }

  // Takes what there is; true if that is something.
  bool Drain() {
    char bytes[65536];
    bool any = false;
    for (;;) {
      const ssize_t n = recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
      if (n == 0) {
        std::exit(0);
      }
      if (n < 0) {
        return any;
      }
      any = true;
    }
  }

  int fd_;
  std::mt19937_64 random_;
  uint64_t pc_ = 0x400000;
};

}  // namespace
}  // namespace faultline::gdb

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "hostile_client SOCKET SEED PACKETS\n");
    return 2;
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address),
              sizeof address) != 0) {
    std::perror("connect");
    return 1;
  }
  faultline::gdb::Client client(fd, std::strtoull(argv[2], nullptr, 10));
  for (uint64_t left = std::strtoull(argv[3], nullptr, 10); left > 0; --left) {
    client.SendOne();
  }
  return 0;
}
