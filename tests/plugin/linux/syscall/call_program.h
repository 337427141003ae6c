#ifndef FAULTLINE_TESTS_PLUGIN_LINUX_SYSCALL_CALL_PROGRAM_H_
#define FAULTLINE_TESTS_PLUGIN_LINUX_SYSCALL_CALL_PROGRAM_H_

// A guest program that makes the system calls that some bytes spell out.
//
// Of the bytes, the first counts the calls; each call is a number and six
// arguments, each argument a byte that says how to read it and what it needs
// then; what is left becomes the memory that the arguments point into.

#include <string>

#include "absl/strings/string_view.h"
#include "plugin/engine/registers.h"

namespace faultline::os {

// The ELF file. Its calls have numbers that the architecture knows, but for a
// few; its arguments are small numbers, pointers into its buffer, and now and
// then anything.
std::string CallProgram(engine::Arch arch, absl::string_view bytes);

}  // namespace faultline::os

#endif  // FAULTLINE_TESTS_PLUGIN_LINUX_SYSCALL_CALL_PROGRAM_H_
