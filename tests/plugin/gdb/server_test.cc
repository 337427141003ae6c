// Covers: plugin/gdb/query.cc
// Covers: plugin/gdb/file.cc
// Covers: plugin/gdb/resume_packet.cc
// Covers: plugin/gdb/stop_reply.cc
// Covers: plugin/gdb/gdb_signal.cc
#include "plugin/gdb/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/gdb/gdb_signal.h"
#include "plugin/gdb/hex.h"
#include "plugin/gdb/stop_reply.h"
#include "tests/plugin/gdb/test_target.h"

namespace faultline::gdb {
namespace {

using testing::HasSubstr;
using testing::Not;

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    session_.attached = {100};
    session_.stopped = session_.general = {100, 100};
  }
  std::string Ask(std::string_view packet) {
    return server_.Handle(packet, stop_).reply;
  }
  std::optional<Resume> ResumeOf(std::string_view packet) {
    return server_.Handle(packet, stop_).resume;
  }

  TestTarget target_;
  Session session_;
  Server server_{target_, session_};
  Stop stop_{.kind = Stop::Kind::kSignal, .thread = {100, 100}, .value = 5};
};

TEST_F(ServerTest, ReadsAndWritesMemory) {
  EXPECT_EQ(Ask("m1000,4"), "6d6d6d6d");
  EXPECT_EQ(Ask("M1001,2:4142"), "OK");
  EXPECT_EQ(Ask("X1003,1:#"), "OK");
  EXPECT_EQ(Ask("m1000,4"), "6d414223");
  EXPECT_EQ(Ask("m0,4"), "E0e");
  EXPECT_EQ(Ask("M0,1:00"), "E0e");
  EXPECT_EQ(Ask("M1000,2:41"), "E01");
  EXPECT_EQ(Ask("m1000"), "E01");
  EXPECT_EQ(Ask("X1000,0:"), "OK");
}

TEST_F(ServerTest, ReadsAndWritesRegisters) {
  EXPECT_EQ(Ask("P1=0807060504030201"), "OK");
  EXPECT_EQ(target_.regs.x[1], 0x0102030405060708u);
  EXPECT_EQ(Ask("p1"), "0807060504030201");
  const std::string all = Ask("g");
  EXPECT_EQ(Ask("G" + all), "OK");
  EXPECT_EQ(Ask("G00"), "E01");
  EXPECT_EQ(Ask("p1000"), "E01");
  EXPECT_EQ(Ask("P1=00"), "E01");
}

TEST_F(ServerTest, NegotiatesWhatBothKnow) {
  const std::string reply =
      Ask("qSupported:multiprocess+;fork-events+;swbreak+;xmlRegisters=i386");
  EXPECT_THAT(reply, HasSubstr("PacketSize=4000"));
  EXPECT_THAT(reply, HasSubstr("ReverseContinue+"));
  EXPECT_THAT(reply, HasSubstr("memory-tagging+"));
  EXPECT_TRUE(session_.multiprocess && session_.reports_forks &&
              session_.reports_swbreak);
  EXPECT_FALSE(session_.reports_execs);
  EXPECT_EQ(Ask("qC"), "QCp64.64");
  EXPECT_EQ(Ask("qUnheardOf"), "");
  EXPECT_EQ(Ask("vMustReplyEmpty"), "");
}

TEST_F(ServerTest, NamesThreads) {
  session_.multiprocess = true;
  EXPECT_EQ(Ask("qfThreadInfo"), "mp64.64,p64.65");
  EXPECT_EQ(Ask("qsThreadInfo"), "l");
  EXPECT_EQ(Ask("Tp64.65"), "OK");
  EXPECT_EQ(Ask("Tp64.66"), "E03");
  EXPECT_EQ(Ask("Hgp64.65"), "OK");
  EXPECT_EQ(session_.general, (ThreadId{100, 101}));
  EXPECT_EQ(Ask("Hcp64.64"), "OK");
  EXPECT_EQ(session_.control, (ThreadId{100, 100}));
  EXPECT_EQ(session_.general, (ThreadId{100, 101}));
  EXPECT_EQ(Ask("Hgx"), "E01");
  EXPECT_THAT(Ask("qXfer:threads:read::0,1000"), HasSubstr("a&lt;b"));
}

TEST_F(ServerTest, TransfersObjectsInPieces) {
  EXPECT_EQ(Ask("qXfer:auxv:read::0,2"), "mau");
  EXPECT_EQ(Ask("qXfer:auxv:read::2,10"), "lxv");
  EXPECT_EQ(Ask("qXfer:auxv:read::9,10"), "l");
  EXPECT_EQ(Ask("qXfer:exec-file:read:64:0,100"), "l/program");
  EXPECT_THAT(Ask("qXfer:features:read:target.xml:0,3fff"), HasSubstr("cpsr"));
  EXPECT_EQ(Ask("qXfer:features:read:other.xml:0,3fff"), "E00");
  EXPECT_EQ(Ask("qXfer:auxv:read::x,10"), "E01");
  EXPECT_EQ(Ask("qXfer:siginfo:write::4:zz"), "2");
  EXPECT_EQ(target_.siginfo.substr(3, 4), "szzs");
  EXPECT_EQ(Ask("qXfer:siginfo:write::80:zz"), "E01");
}

TEST_F(ServerTest, KeepsPointsOfTheProcessAtHand) {
  EXPECT_EQ(Ask("Z0,1000,4"), "OK");
  EXPECT_EQ(Ask("Z0,1000,4"), "OK");
  EXPECT_EQ(Ask("Z2,2000,8"), "OK");
  ASSERT_EQ(session_.points.size(), 2u);
  EXPECT_EQ(session_.points[1].pid, 100);
  EXPECT_EQ(Ask("z0,1000,4"), "OK");
  EXPECT_EQ(session_.points.size(), 1u);
  EXPECT_EQ(Ask("Z9,1000,4"), "");
  EXPECT_EQ(Ask("Z2,1000,0"), "E01");
  EXPECT_EQ(Ask("Z2,1000,100000"), "E01");
}

TEST_F(ServerTest, UnderstandsHowToGoOn) {
  const auto step = ResumeOf("vCont;s:p64.65;C0b:p64.64;c");
  ASSERT_TRUE(step.has_value());
  ASSERT_EQ(step->actions.size(), 3u);
  EXPECT_TRUE(step->actions[0].step);
  EXPECT_EQ(step->actions[0].threads, (ThreadId{100, 101}));
  EXPECT_EQ(step->actions[1].signal, 11);
  EXPECT_FALSE(step->actions[2].step);
  const auto range = ResumeOf("vCont;r10,20:p64.64");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->actions[0].range_end, 0x20u);
  EXPECT_EQ(ResumeOf("bc")->kind, Resume::Kind::kBackContinue);
  EXPECT_EQ(ResumeOf("bs")->kind, Resume::Kind::kBackStep);
  EXPECT_EQ(ResumeOf("vKill;64")->kind, Resume::Kind::kKill);
  EXPECT_EQ(ResumeOf("D;64")->kind, Resume::Kind::kLeave);
  EXPECT_TRUE(ResumeOf("s").has_value());
  EXPECT_FALSE(ResumeOf("vCont;x").has_value());
  EXPECT_FALSE(ResumeOf("vCont;s:q").has_value());
}

TEST_F(ServerTest, DetachesOneProcessOfSeveral) {
  session_.attached = {100, 101};
  EXPECT_EQ(Ask("D;65"), "OK");
  EXPECT_EQ(target_.detached, 101);
}

TEST_F(ServerTest, CatchesSystemCallsAndPassesSignals) {
  EXPECT_EQ(Ask("QCatchSyscalls:1;3c;e7"), "OK");
  EXPECT_TRUE(session_.Catches(60));
  EXPECT_FALSE(session_.Catches(61));
  EXPECT_EQ(Ask("QCatchSyscalls:1"), "OK");
  EXPECT_TRUE(session_.Catches(61));
  EXPECT_EQ(Ask("QCatchSyscalls:0"), "OK");
  EXPECT_FALSE(session_.Catches(60));
  EXPECT_EQ(Ask("QPassSignals:e;14"), "OK");
  EXPECT_TRUE(session_.passed_signals.contains(14));  // SIGALRM
  EXPECT_TRUE(session_.passed_signals.contains(17));  // SIGCHLD
  EXPECT_EQ(Ask("QPassSignals:xyz"), "E01");
}

TEST_F(ServerTest, ReadsAndSetsMemoryTags) {
  EXPECT_EQ(Ask("qMemTags:1000,20:1"), "m0505");
  EXPECT_EQ(Ask("qMemTags:0,20:1"), "E0e");
  EXPECT_EQ(Ask("qMemTags:1000,20:0"), "E01");
  EXPECT_EQ(Ask("QMemTags:1000,30:1:0102"), "OK");
  EXPECT_EQ(target_.tags, std::string("\1\2\1"));
  EXPECT_EQ(Ask("QMemTags:1000,30:1:"), "E01");
  EXPECT_EQ(Ask("qIsAddressTagged:1000"), "01");
  EXPECT_EQ(Ask("qIsAddressTagged:0"), "00");
}

TEST_F(ServerTest, ReadsFilesOfTheGuest) {
  EXPECT_EQ(Ask("vFile:setfs:0"), "F0");
  EXPECT_EQ(Ask("vFile:open:" + ToHex("/file") + ",0,0"), "F0");
  EXPECT_EQ(Ask("vFile:pread:0,4,2"), "F4;nten");
  EXPECT_EQ(Ask("vFile:pread:0,4,100"), "F0;");
  // Who goes back in time has a new server, and the session.
  Server later(target_, session_);
  EXPECT_EQ(later.Handle("vFile:pread:0,4,2", stop_).reply, "F4;nten");
  EXPECT_EQ(Ask("vFile:close:0"), "F0");
  EXPECT_EQ(Ask("vFile:pread:0,4,2"), "F-1,9");
  EXPECT_EQ(Ask("vFile:open:" + ToHex("/none") + ",0,0"), "F-1,2");
  EXPECT_EQ(Ask("vFile:open:" + ToHex("/file") + ",1,0"), "F-1,16");
  EXPECT_EQ(Ask("vFile:unlink:" + ToHex("/file")), "");
}

TEST_F(ServerTest, AnswersMonitorCommands) {
  EXPECT_EQ(Ask("qRcmd," + ToHex("faults")), ToHex("did faults"));
  EXPECT_EQ(Ask("qRcmd,zz"), "E01");
}

TEST_F(ServerTest, TellsWhyItStands) {
  EXPECT_EQ(Ask("?"), "T05thread:64;");
  session_.multiprocess = session_.reports_swbreak = true;
  const auto reply = [this](Stop stop) {
    stop.thread = {100, 101};
    return StopReply(session_, stop);
  };
  EXPECT_EQ(reply({.kind = Stop::Kind::kBreakpoint}),
            "T05thread:p64.65;swbreak:;");
  EXPECT_EQ(reply({.kind = Stop::Kind::kWatch,
                   .value = 0x1000,
                   .point = PointType::kAccessWatch}),
            "T05thread:p64.65;awatch:1000;");
  EXPECT_EQ(reply({.kind = Stop::Kind::kSignal, .value = 7}),
            "T0athread:p64.65;");
  EXPECT_EQ(reply({.kind = Stop::Kind::kFork, .child = {102, 102}}),
            "T05thread:p64.65;fork:p66.66;");
  EXPECT_EQ(reply({.kind = Stop::Kind::kExited, .value = 3}), "W03;process:64");
  EXPECT_EQ(reply({.kind = Stop::Kind::kKilled, .value = 11}),
            "X0b;process:64");
  EXPECT_THAT(reply({.kind = Stop::Kind::kHistoryBegin}),
              HasSubstr("replaylog:begin"));
}

TEST(GdbSignalTest, EveryNumberComesBack) {
  for (int signo = 1; signo <= 64; ++signo) {
    if (signo != 16) {  // SIGSTKFLT, of which gdb knows nothing
      EXPECT_EQ(FromGdbSignal(ToGdbSignal(signo)), signo);
    }
  }
  EXPECT_EQ(ToGdbSignal(10), 30);
  EXPECT_EQ(ToGdbSignal(34), 46);
  EXPECT_EQ(FromGdbSignal(0), 0);
}

}  // namespace
}  // namespace faultline::gdb
