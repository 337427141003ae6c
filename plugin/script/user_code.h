#ifndef FAULTLINE_PLUGIN_SCRIPT_USER_CODE_H_
#define FAULTLINE_PLUGIN_SCRIPT_USER_CODE_H_

// UserCode: the few user-mode instructions that a script's tasks run: one
// access each, then a system call that stops the CPU. They lie in a page of
// their own in every space that has tasks.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "plugin/engine/cpu.h"

namespace faultline::script {

enum class UserOp : uint8_t {
  kStore1,
  kStore2,
  kStore4,
  kStore8,
  kLoad1,
  kLoad2,
  kLoad4,
  kLoad8,
  kAdd8,   // fetch and add
  kSwap8,  // exchange
  kCas8,   // compare and exchange: returns what was found
};

// Bytes of the page, and where an operation starts in it.
absl::Span<const uint8_t> UserCode(engine::Arch arch);
uint64_t UserCodeOffset(engine::Arch arch, UserOp op);

// Sets up `cpu`'s loaded registers to run `op` of the code at `code`; and what
// it returned.
struct UserArgs {
  uint64_t address = 0, value = 0, desired = 0;
};
void BeginUserOp(engine::Cpu& cpu, uint64_t code, UserOp op,
                 const UserArgs& args);
uint64_t UserOpResult(const engine::Cpu& cpu);

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_USER_CODE_H_
