// arm64's exclusive monitor. A load-exclusive marks an address, and every
// return from an exception unmarks it (Arm ARM B2.12): a store-exclusive must
// not succeed across a switch to another task, who may have changed the memory
// and changed it back. The engine takes no exceptions of ours, and has no name
// for what it marks; but its saved contexts hold it, at an offset that boot()
// shows: it ends with an address marked that stands nowhere else.

#include <cstring>

#include "absl/status/status.h"
#include "plugin/engine/cpu_impl.h"

namespace faultline::engine {
namespace {

constexpr uint64_t kNothing = ~uint64_t{0};
constexpr uint64_t kMarkedBelowStack = 64;  // as boot() has it

uint64_t WordOf(const uc_context* context, size_t offset) {
  uint64_t word = 0;
  std::memcpy(&word, reinterpret_cast<const char*>(context) + offset,
              sizeof word);
  return word;
}

}  // namespace

absl::Status Cpu::Impl::FindExclusive() {
  const uint64_t marked = image.stack_top - kMarkedBelowStack;
  const size_t size = uc_context_size(uc);
  for (size_t at = 0; at + sizeof(uint64_t) <= size; at += sizeof(uint64_t)) {
    if (WordOf(kernel_context.get(), at) != marked ||
        WordOf(clean_context.get(), at) != kNothing) {
      continue;
    }
    if (exclusive_offset.has_value()) {
      return absl::FailedPreconditionError("two exclusive monitors");
    }
    exclusive_offset = at;
  }
  if (!exclusive_offset.has_value()) {
    return absl::FailedPreconditionError("no exclusive monitor");
  }
  ClearExclusive(kernel_context.get());
  return absl::OkStatus();
}

void Cpu::Impl::ClearExclusive(uc_context* context) const {
  if (exclusive_offset.has_value()) {
    std::memcpy(reinterpret_cast<char*>(context) + *exclusive_offset, &kNothing,
                sizeof kNothing);
  }
}

}  // namespace faultline::engine
