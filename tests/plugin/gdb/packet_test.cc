#include "plugin/gdb/packet.h"

#include <gtest/gtest.h>

namespace faultline::gdb {
namespace {

using Kind = PacketReader::Kind;

std::string PayloadOf(std::string_view bytes) {
  PacketReader reader;
  reader.Feed(bytes);
  const auto event = reader.Next();
  return event.has_value() && event->kind == Kind::kPacket ? event->payload
                                                           : "(none)";
}

TEST(PacketTest, AFramedPayloadIsReadAgain) {
  EXPECT_EQ(Frame("OK"), "$OK#9a");
  EXPECT_EQ(PayloadOf(Frame("m1000,4")), "m1000,4");
  EXPECT_EQ(PayloadOf(Frame("")), "");
  std::string all;
  for (int c = 0; c < 256; ++c) {
    all += char(c);
  }
  EXPECT_EQ(PayloadOf(Frame(all)), all);
}

TEST(PacketTest, PacketsComeInPieces) {
  PacketReader reader;
  for (const char c : std::string("$g#6")) {
    reader.Feed({&c, 1});
    EXPECT_FALSE(reader.Next().has_value());
  }
  reader.Feed("7+$?#3f");
  EXPECT_EQ(reader.Next()->payload, "g");
  EXPECT_EQ(reader.Next()->kind, Kind::kAck);
  EXPECT_EQ(reader.Next()->payload, "?");
  EXPECT_FALSE(reader.Next().has_value());
}

TEST(PacketTest, AWrongChecksumIsBad) {
  PacketReader reader;
  reader.Feed("$g#00$g#zz$g#67");
  EXPECT_EQ(reader.Next()->kind, Kind::kBad);
  EXPECT_EQ(reader.Next()->kind, Kind::kBad);
  EXPECT_EQ(reader.Next()->payload, "g");
}

TEST(PacketTest, WhatMeansNothingBetweenPacketsIsDropped) {
  PacketReader reader;
  reader.Feed("abc\x03-");
  EXPECT_EQ(reader.Next()->kind, Kind::kInterrupt);
  EXPECT_EQ(reader.Next()->kind, Kind::kNack);
  EXPECT_FALSE(reader.Next().has_value());
}

TEST(PacketTest, AnEndlessPacketIsRefusedAndTheNextIsRead) {
  PacketReader reader;
  reader.Feed("$" + std::string(3 * kMaxPacket, 'a'));
  EXPECT_FALSE(reader.Next().has_value());
  reader.Feed(std::string(kMaxPacket, 'a'));
  reader.Feed("#00");
  reader.Feed(Frame("?"));
  EXPECT_EQ(reader.Next()->kind, Kind::kBad);
  EXPECT_EQ(reader.Next()->payload, "?");
}

}  // namespace
}  // namespace faultline::gdb
