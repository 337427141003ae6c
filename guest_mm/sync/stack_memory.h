#ifndef FAULTLINE_GUEST_MM_SYNC_STACK_MEMORY_H_
#define FAULTLINE_GUEST_MM_SYNC_STACK_MEMORY_H_

// StackMemory: where the memory of fibers' stacks (stack_pool.h) comes from, if
// not from the host: for who keeps all that a machine consists of together, and
// cannot have pages in it that are protected. There is no guard page then.

#include <cstddef>

namespace faultline::mm {

struct StackMemory {
  // `bytes`, aligned to the host's pages; null: the host is asked.
  void* (*take)(size_t bytes);
  // False: it is none of this memory's.
  bool (*give_back)(void* at);
};

// Of the process; null: the host's alone. It stays as long as stacks do.
void SetStackMemory(const StackMemory* memory);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_STACK_MEMORY_H_
