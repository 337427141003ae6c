#ifndef FAULTLINE_PLUGIN_LINUX_FUTEX_FUTEX_KEY_H_
#define FAULTLINE_PLUGIN_LINUX_FUTEX_FUTEX_KEY_H_

// FutexKey: which futex a user address means. Linux: union futex_key
// (kernel/futex/core.c get_futex_key()).
//  - private, or shared on private memory: the address space and address;
//  - shared on a shared mapping: the file and the offset in it, so that every
//    process that maps it means the same futex, wherever it maps it.

#include <cstdint>
#include <memory>
#include <utility>

#include "guest_mm/base/errno.h"

namespace faultline::mm {
class MappedFile;
}

namespace faultline::os {

class Task;

struct FutexKey {
  const void* mapping = nullptr;  // the file's pages; null: mm_id counts
  uint64_t mm_id = 0;
  uint64_t offset = 0;  // the address, or bytes from the file's start
  // Keeps `mapping` from being freed and its address reused while somebody
  // waits. Not part of the identity.
  std::shared_ptr<mm::MappedFile> keep_alive;

  friend bool operator==(const FutexKey& a, const FutexKey& b) {
    return a.mapping == b.mapping && a.mm_id == b.mm_id && a.offset == b.offset;
  }
  template <typename H>
  friend H AbslHashValue(H h, const FutexKey& k) {
    return H::combine(std::move(h), k.mapping, k.mm_id, k.offset);
  }
};

enum class FutexScope : uint8_t { kPrivate, kShared };

// kEINVAL: not a multiple of 4. kEFAULT: outside user space or, for kShared,
// not readable (it is faulted in; a private futex's memory is not looked at).
ErrnoOr<FutexKey> GetFutexKey(Task& task, uint64_t uaddr, FutexScope scope);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FUTEX_FUTEX_KEY_H_
