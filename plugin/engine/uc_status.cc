#include "plugin/engine/uc_status.h"

#include <string>

namespace faultline::engine {

absl::Status UcStatus(uc_err err, std::string_view what) {
  if (err == UC_ERR_OK) {
    return absl::OkStatus();
  }
  const std::string message =
      "unicorn: " + std::string(what) + ": " + uc_strerror(err);
  return err == UC_ERR_NOMEM ? absl::ResourceExhaustedError(message)
                             : absl::InternalError(message);
}

}  // namespace faultline::engine
