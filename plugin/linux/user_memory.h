#ifndef FAULTLINE_PLUGIN_LINUX_USER_MEMORY_H_
#define FAULTLINE_PLUGIN_LINUX_USER_MEMORY_H_

// UserMemory: how system calls touch the caller's memory. Linux: uaccess.
// Every such access goes through here and nowhere else, page by page through
// the page tables and HandlePageFault() in kernel mode, so partial progress
// and waiting in the middle of a copy are real. (The guest kernel image's
// copy routines take this class's place later; its contract stays.)
// Addresses are as the guest passed them: tags are stripped here.

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"

namespace faultline::mm {
class AddressSpace;
}

namespace faultline::os {

class UserMemory {
 public:
  explicit UserMemory(mm::AddressSpace& mm) : mm_(mm) {}

  // Bytes NOT copied (0: all). They copy up to the first byte that faults.
  size_t CopyTo(uint64_t user, absl::Span<const std::byte> from);
  size_t CopyFrom(absl::Span<std::byte> to, uint64_t user);
  size_t Clear(uint64_t user, size_t bytes);
  // With page faults disabled: up to the first byte that is not mapped so.
  size_t CopyFromNofault(absl::Span<std::byte> to, uint64_t user);
  // Reads a byte of each page: bytes not faulted in. fault_in_readable().
  size_t FaultInReadable(uint64_t user, size_t bytes);

  // All or kEFAULT (a prefix may have been written).
  template <typename T>
  ErrnoOr<Done> Put(uint64_t user, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    return CopyTo(user, absl::MakeConstSpan(
                            reinterpret_cast<const std::byte*>(&value),
                            sizeof value)) == 0
               ? ErrnoOr<Done>(kDone)
               : Errno::kEFAULT;
  }
  template <typename T>
  ErrnoOr<T> Get(uint64_t user) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    if (CopyFrom(
            absl::MakeSpan(reinterpret_cast<std::byte*>(&value), sizeof value),
            user) != 0) {
      return Errno::kEFAULT;
    }
    return value;
  }
  // A NUL-terminated string of at most `max` bytes, the NUL included.
  // kEFAULT; kENAMETOOLONG if there is no NUL in `max` bytes.
  ErrnoOr<std::string> GetString(uint64_t user, size_t max);

  // Makes a word writable, before it is changed where nobody may be waited for:
  // kEFAULT if a program (userfaultfd) would have to bring the page.
  // fault_in_user_writeable().
  ErrnoOr<Done> FaultInWriteable(uint64_t user);
  // Compare-and-exchange of an aligned 32-bit word (futex). Returns the value
  // found; it was replaced if that equals `expected`. kEFAULT.
  ErrnoOr<uint32_t> CompareExchange(uint64_t user, uint32_t expected,
                                    uint32_t desired);

 private:
  mm::AddressSpace& mm_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_USER_MEMORY_H_
