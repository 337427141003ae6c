#ifndef FAULTLINE_PLUGIN_LINUX_LOADER_INITIAL_STACK_H_
#define FAULTLINE_PLUGIN_LINUX_LOADER_INITIAL_STACK_H_

// What a program finds on its stack: argc, argv, envp and the auxiliary
// vector, with the strings above them. Linux: create_elf_tables(),
// copy_strings(). Format: System V ABI, "Process Initialization".

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::os {

using AuxVector = std::vector<std::pair<uint64_t, uint64_t>>;

struct InitialStack {
  std::string file_name;  // AT_EXECFN
  std::vector<std::string> argv;
  std::vector<std::string> envp;
  std::string platform;              // AT_PLATFORM
  std::array<uint8_t, 16> random{};  // AT_RANDOM
  AuxVector aux;  // entries whose value is not an address on the stack
};

// Where things ended up. The bytes are placed downwards from `top`.
struct StackLayout {
  uint64_t sp = 0;
  uint64_t arg_start = 0, arg_end = 0, env_start = 0, env_end = 0;
  AuxVector aux;                 // as the program sees it, AT_NULL included
  std::vector<std::byte> bytes;  // from sp to top
};

// Lays the stack out below `top` (16-byte aligned) without touching memory.
// kE2BIG: a string over 128 KiB, or all together over `limit` bytes.
ErrnoOr<StackLayout> LayOutStack(const InitialStack& what, uint64_t top,
                                 uint64_t limit);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_LOADER_INITIAL_STACK_H_
