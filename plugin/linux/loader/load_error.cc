#include "plugin/linux/loader/load_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace faultline::os {
namespace {

constexpr char kPayload[] = "faultline/errno";

}  // namespace

absl::Status LoadError(Errno error, std::string why) {
  absl::Status status(
      error == Errno::kENOMEM   ? absl::StatusCode::kResourceExhausted
      : error == Errno::kENOENT ? absl::StatusCode::kNotFound
                                : absl::StatusCode::kFailedPrecondition,
      why);
  status.SetPayload(kPayload, absl::Cord(absl::StrCat(int(error))));
  return status;
}

Errno ErrnoOf(const absl::Status& status) {
  int number = 0;
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value() ||
      !absl::SimpleAtoi(std::string(*payload), &number)) {
    return Errno::kENOEXEC;
  }
  return Errno(number);
}

}  // namespace faultline::os
