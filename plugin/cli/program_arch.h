#ifndef FAULTLINE_PLUGIN_CLI_PROGRAM_ARCH_H_
#define FAULTLINE_PLUGIN_CLI_PROGRAM_ARCH_H_

// Which machine a host file is for: looked up before there is a machine.

#include <string>

#include "absl/status/statusor.h"
#include "plugin/engine/registers.h"

namespace faultline::cli {

// From the ELF header of `path`; x86-64 for everything that does not say arm64:
// what is wrong with such a file, the loader says. NotFound, InvalidArgument:
// it cannot be read at all.
absl::StatusOr<engine::Arch> ProgramArch(const std::string& path);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_PROGRAM_ARCH_H_
