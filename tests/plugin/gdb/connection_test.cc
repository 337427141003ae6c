#include "plugin/gdb/connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace faultline::gdb {
namespace {

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0);
    connection_ = std::make_unique<Connection>(ends_[0]);
  }
  ~ConnectionTest() override { close(ends_[1]); }
  void Say(std::string_view bytes) {
    EXPECT_EQ(write(ends_[1], bytes.data(), bytes.size()),
              ssize_t(bytes.size()));
  }
  std::string Heard() {
    char bytes[256];
    const ssize_t n = recv(ends_[1], bytes, sizeof bytes, MSG_DONTWAIT);
    return n > 0 ? std::string(bytes, size_t(n)) : "";
  }

  int ends_[2] = {-1, -1};
  std::unique_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, AcknowledgesAndRepeats) {
  const bool acknowledges = true;
  Say("$g#00$g#67");
  EXPECT_EQ(connection_->Receive(acknowledges), "g");
  EXPECT_EQ(Heard(), "-+");
  connection_->Send("OK", acknowledges);
  EXPECT_EQ(Heard(), "$OK#9a");
  Say("-$?#3f");
  EXPECT_EQ(connection_->Receive(acknowledges), "?");
  EXPECT_EQ(Heard(), "$OK#9a+");
}

TEST_F(ConnectionTest, SeesAnInterruptAndAnEnd) {
  EXPECT_FALSE(connection_->Interrupted());
  Say("\x03");
  EXPECT_TRUE(connection_->Interrupted());
  EXPECT_FALSE(connection_->Interrupted());
  shutdown(ends_[1], SHUT_RDWR);
  EXPECT_TRUE(connection_->Interrupted());
  EXPECT_FALSE(connection_->open());
  EXPECT_FALSE(connection_->Receive(true).has_value());
}

TEST_F(ConnectionTest, RefusesPlacesThatAreNone) {
  for (const char* where : {"", "x", "70000", "unix:", "-1"}) {
    const auto made = Connection::Accept(where);
    EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument)
        << where;
  }
  EXPECT_EQ(Connection::Accept("unix:/nonexistent/socket").status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace faultline::gdb
