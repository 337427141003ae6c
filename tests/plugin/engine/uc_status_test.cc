#include "plugin/engine/uc_status.h"

#include <gtest/gtest.h>

namespace faultline::engine {
namespace {

TEST(UcStatusTest, SaysWhatFailedAndHow) {
  EXPECT_TRUE(UcStatus(UC_ERR_OK, "mapping RAM").ok());
  const absl::Status s = UcStatus(UC_ERR_ARG, "mapping RAM");
  EXPECT_EQ(s.code(), absl::StatusCode::kInternal);
  EXPECT_NE(s.message().find("mapping RAM"), absl::string_view::npos);
  EXPECT_EQ(UcStatus(UC_ERR_NOMEM, "x").code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace faultline::engine
