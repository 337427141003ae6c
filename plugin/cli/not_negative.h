#ifndef FAULTLINE_PLUGIN_CLI_NOT_NEGATIVE_H_
#define FAULTLINE_PLUGIN_CLI_NOT_NEGATIVE_H_

// A check of options that are unsigned numbers: CLI11 makes a large one of -1.

#include <CLI/CLI.hpp>
#include <string>

namespace faultline::cli {

inline CLI::Validator NotNegative() {
  return CLI::Validator(
      [](std::string& text) {
        return text.starts_with('-') ? text + " is negative" : std::string();
      },
      "");
}

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_NOT_NEGATIVE_H_
