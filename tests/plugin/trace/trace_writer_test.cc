#include "plugin/trace/trace_writer.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::trace {
namespace {

using mm::TraceKind;
using ::testing::HasSubstr;

class TraceWriterTest : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  std::unique_ptr<TraceWriter> Open(TraceOptions options) {
    options.path = path_;
    auto writer = TraceWriter::Open(options, [] { return uint64_t{7}; });
    EXPECT_TRUE(writer.ok()) << writer.status();
    return *std::move(writer);
  }
  std::string Written() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return text.str();
  }
  const std::string path_ = std::filesystem::temp_directory_path() /
                            (std::to_string(::getpid()) + ".trace");
};

TEST_F(TraceWriterTest, BeginsWithWhatItIsAndEndsWithWhatCameOut) {
  const auto w = Open({});
  w->Begin("arm64", "/bin/sh", 4096);
  w->Emit(TraceKind::kFault, "fault", {});
  w->Emit(TraceKind::kPoint, "pte.lock", {});
  w->End("held");
  EXPECT_TRUE(w->Close().ok());
  EXPECT_TRUE(w->Close().ok());
  EXPECT_EQ(Written(),
            "{\"t\":7,\"kind\":\"trace\",\"event\":\"begin\",\"version\":1,"
            "\"arch\":\"arm64\",\"program\":\"/bin/sh\",\"page\":4096}\n"
            "{\"t\":7,\"kind\":\"fault\",\"event\":\"fault\"}\n"
            "{\"t\":7,\"kind\":\"trace\",\"event\":\"end\","
            "\"result\":\"held\"}\n");
}

TEST_F(TraceWriterTest, TheHashIsTheSameInEitherFormat) {
  const auto hash_of = [this](TraceFormat format, uint32_t kinds) {
    const auto w = Open({.format = format, .kinds = kinds});
    w->Begin("arm64", "x", 4096);
    w->Emit(TraceKind::kFault, "fault", {});
    w->Emit(TraceKind::kPoint, "pte.lock", {});
    EXPECT_TRUE(w->Close().ok());
    return w->hash();
  };
  const uint64_t hash = hash_of(TraceFormat::kJson, kUsualKinds);
  EXPECT_EQ(hash_of(TraceFormat::kJson, kAllKinds), hash);
  EXPECT_EQ(hash_of(TraceFormat::kPerfetto, kAllKinds), hash);
  EXPECT_EQ(Written()[0], char(1 << 3 | 2));  // packet = 1, of a length
}

TEST_F(TraceWriterTest, PointsAreWantedWhenTheyAreWritten) {
  EXPECT_FALSE(Open({})->wants_points());
  EXPECT_TRUE(Open({.kinds = kAllKinds})->wants_points());
  EXPECT_EQ(Open({.kinds = KindBit(TraceKind::kVma)})->kinds(), kUsualKinds);
}

TEST(TraceWriterErrorTest, AFileThatCannotBeMadeIsNamed) {
  const auto w =
      TraceWriter::Open({.path = "/no/such/folder/t"}, [] { return 0; });
  ASSERT_FALSE(w.ok());
  EXPECT_THAT(std::string(w.status().message()),
              HasSubstr("--trace /no/such/folder/t: No such file"));
}

TEST(TraceWriterErrorTest, AFullDiskIsTold) {
  const auto w = TraceWriter::Open({.path = "/dev/full"}, [] { return 0; });
  ASSERT_TRUE(w.ok());
  (*w)->Begin("x", "y", 4096);
  EXPECT_THAT(std::string((*w)->Close().message()), HasSubstr("No space"));
}

}  // namespace
}  // namespace faultline::trace
