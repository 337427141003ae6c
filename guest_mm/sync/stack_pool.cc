#include "guest_mm/sync/stack_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include "guest_mm/base/check.h"
#include "guest_mm/sync/sanitizer.h"
#include "guest_mm/sync/stack_memory.h"

namespace faultline::mm {
namespace {

constinit const StackMemory* given = nullptr;

size_t GuardBytes() {
  static const size_t bytes = size_t(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

void SetStackMemory(const StackMemory* memory) { given = memory; }

StackPool::~StackPool() {
  for (Stack stack : kept_) {
    Unmap(stack);
  }
}

Stack StackPool::Map() const {
  if (given != nullptr) {
    if (void* const at = given->take(bytes_)) {
      return {static_cast<std::byte*>(at), bytes_};
    }
  }
  const size_t guard = GuardBytes();
  void* at =
      mmap(nullptr, bytes_ + guard, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (at == MAP_FAILED) {
    return {};
  }
  // Refused when the process has too many mappings; no stack without a guard.
  if (mprotect(at, guard, PROT_NONE) != 0) {
    munmap(at, bytes_ + guard);
    return {};
  }
  return {static_cast<std::byte*>(at) + guard, bytes_};
}

void StackPool::Unmap(Stack stack) const {
  if (given != nullptr && given->give_back(stack.bottom)) {
    return;
  }
  const size_t guard = GuardBytes();
  munmap(stack.bottom - guard, stack.size + guard);
}

bool StackPool::Reserve() {
  if (kept_.empty()) {
    if (Stack stack = Map()) {
      kept_.push_back(stack);
    }
  }
  return !kept_.empty();
}

Stack StackPool::Take() {
  if (!Reserve()) {
    return {};
  }
  Stack stack = kept_.back();
  kept_.pop_back();
  ++given_out_;
  return stack;
}

void StackPool::Return(Stack stack) {
  FL_CHECK(given_out_ > 0);
  --given_out_;
  // Frames that never returned have left their red zones poisoned.
  SanitizerUnpoison(stack.bottom, stack.size);
  if (kept_.size() < kKept) {
    kept_.push_back(stack);
  } else {
    Unmap(stack);
  }
}

}  // namespace faultline::mm
