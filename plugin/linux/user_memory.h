#ifndef FAULTLINE_PLUGIN_LINUX_USER_MEMORY_H_
#define FAULTLINE_PLUGIN_LINUX_USER_MEMORY_H_

// UserMemory: how system calls touch the caller's memory. Linux: uaccess.
// Every such access goes through here and nowhere else, by the routines of the
// guest kernel image, so partial progress and waiting in the middle of a copy
// are real. Addresses are as the guest passed them, tags included.
// What was loaded into the CPU before is not after.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/sync/inject.h"
#include "plugin/linux/kernel_code.h"

namespace faultline::os {

// Nothing is copied, as if the first byte faulted: by CopyTo(), CopyFrom() and
// GetString(). Linux: fail_usercopy.
inline constexpr mm::FailSite kUserCopySite{
    "usercopy", "a copy from or to the program's memory moves nothing"};

// What comes with the thread that the access is for.
struct UserAccess {
  bool tagged_addresses = false;  // arm64: PR_TAGGED_ADDR_ENABLE
  engine::TagChecks checks{};
};

class UserMemory {
 public:
  UserMemory(KernelCode& code, mm::AddressSpace& mm, UserAccess access = {})
      : code_(code), mm_(mm), access_(access) {}

  // Bytes NOT copied (0: all). They copy up to the first byte that faults.
  size_t CopyTo(uint64_t user, absl::Span<const std::byte> from);
  size_t CopyFrom(absl::Span<std::byte> to, uint64_t user);
  size_t Clear(uint64_t user, size_t bytes);
  // copy_from_user_nofault(): up to the first byte that is not mapped.
  size_t CopyFromNofault(absl::Span<std::byte> to, uint64_t user);
  // Reads a byte of each page: bytes not faulted in. fault_in_readable().
  size_t FaultInReadable(uint64_t user, size_t bytes);

  // All or kEFAULT; of what is no word, a prefix may have been written.
  template <typename T>
  ErrnoOr<Done> Put(uint64_t user, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    if constexpr (IsWord<T>()) {
      uint64_t word = 0;
      std::memcpy(&word, &value, sizeof value);
      return PutWord(user, word, sizeof value);
    }
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
    if constexpr (IsWord<T>()) {
      FL_ASSIGN(const uint64_t word, GetWord(user, sizeof value));
      std::memcpy(&value, &word, sizeof value);
      return value;
    }
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

  // access_ok(): the range, of no bytes too, is in the program's half.
  bool AccessOk(uint64_t user, size_t bytes) const;

 private:
  // get_user() and put_user() are for these.
  template <typename T>
  static constexpr bool IsWord() {
    return sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8;
  }
  ErrnoOr<Done> PutWord(uint64_t user, uint64_t value, size_t bytes);
  ErrnoOr<uint64_t> GetWord(uint64_t user, size_t bytes);
  size_t CopyFrom(absl::Span<std::byte> to, uint64_t user, KernelFaults faults);

  KernelCode::Frame Begin() { return code_.Begin(access_.checks); }
  engine::Cpu::KernelResult Call(const engine::Cpu::KernelCall& call) {
    return Begin().Run(mm_, call, KernelFaults::kHandled);
  }
  // As access_ok() looks at it.
  mm::GuestAddr AddressOf(uint64_t user) const;

  KernelCode& code_;
  mm::AddressSpace& mm_;
  UserAccess access_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_USER_MEMORY_H_
