#ifndef FAULTLINE_PLUGIN_ENGINE_UC_STATUS_H_
#define FAULTLINE_PLUGIN_ENGINE_UC_STATUS_H_

// The one place where a uc_err becomes an absl::Status: Unicorn failing is
// host trouble, never a guest's result.

#include <unicorn/unicorn.h>

#include <string_view>

#include "absl/status/status.h"

namespace faultline::engine {

// OkStatus for UC_ERR_OK; ResourceExhausted for UC_ERR_NOMEM; else Internal:
// "unicorn: WHAT: its message".
absl::Status UcStatus(uc_err err, std::string_view what);

}  // namespace faultline::engine

// Returns the failure of a call of Unicorn's.
#define FL_RETURN_IF_UC_ERROR(expr)                          \
  do {                                                       \
    if (const uc_err fl_err = (expr); fl_err != UC_ERR_OK) { \
      return UcStatus(fl_err, #expr);                        \
    }                                                        \
  } while (false)

#endif  // FAULTLINE_PLUGIN_ENGINE_UC_STATUS_H_
