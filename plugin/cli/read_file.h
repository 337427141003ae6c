#ifndef FAULTLINE_PLUGIN_CLI_READ_FILE_H_
#define FAULTLINE_PLUGIN_CLI_READ_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace faultline::cli {

// The content of a host's file that the command line names. NotFound: "PATH:
// the file cannot be read: " and why.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_READ_FILE_H_
