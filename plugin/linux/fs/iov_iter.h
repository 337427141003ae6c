#ifndef FAULTLINE_PLUGIN_LINUX_FS_IOV_ITER_H_
#define FAULTLINE_PLUGIN_LINUX_FS_IOV_ITER_H_

// IovIter: the memory that one read or write moves bytes to or from, consumed
// from the front: user memory in segments, or one buffer of ours. Linux:
// struct iov_iter (lib/iov_iter.c).
//
// Copies stop at the first byte of user memory that faults; what was copied
// before it counts, so that callers return Linux's short counts.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "guest_mm/base/errno.h"
#include "plugin/linux/user_memory.h"

namespace faultline::os {

// The most that one call moves (include/linux/fs.h MAX_RW_COUNT).
inline constexpr uint64_t kMaxRwCount = 0x7ffff000;

class IovIter {
 public:
  struct Segment {
    uint64_t base = 0;  // user address
    uint64_t length = 0;
  };

  // One user buffer; `length` is cut to kMaxRwCount.
  static IovIter User(UserMemory user, uint64_t base, uint64_t length);
  // An array of `count` struct iovec at `iov` (the same layout on both
  // architectures). kEINVAL: count over 1024 or a length that is negative as
  // ssize_t; kEFAULT. The total is cut to kMaxRwCount. import_iovec().
  static ErrnoOr<IovIter> FromUserIovec(UserMemory user, uint64_t iov,
                                        uint64_t count);
  // Buffers of ours, which outlive the iterator.
  static IovIter Kernel(absl::Span<std::byte> buffer);
  static IovIter Kernel(absl::Span<const std::byte> buffer);

  uint64_t remaining() const { return remaining_; }
  // Cuts remaining() down to at most `bytes`.
  void Truncate(uint64_t bytes);

  // For those who take the user's pages instead of copying: is it the user's
  // memory; are the addresses and lengths of what remains multiples of `block`
  // (iov_iter_is_aligned()); its next piece, of which there is one while
  // remaining() is not 0; and past some bytes of that.
  bool is_user() const { return user_.has_value(); }
  bool AlignedTo(uint64_t block) const;
  Segment NextPiece();
  void Advance(uint64_t bytes);

  // Each returns the bytes moved, at most remaining(), and advances by them.
  // Fewer than asked (with bytes remaining) means that user memory faulted.
  size_t CopyTo(absl::Span<const std::byte> from);
  size_t CopyFrom(absl::Span<std::byte> to);
  size_t Clear(size_t bytes);
  // With page faults disabled. copy_folio_from_iter_atomic().
  size_t CopyFromNofault(absl::Span<std::byte> to);
  // Whether any of the next `bytes` can be read, now that they have been
  // faulted in. Moves nothing. fault_in_iov_iter_readable().
  bool FaultInReadable(size_t bytes);

 private:
  // Calls `copy(address, done, n)` for each piece of user memory in the next
  // `bytes`; it answers how many of n it did not move.
  template <typename Copy>
  size_t ForEachPiece(size_t bytes, Copy copy);

  std::optional<UserMemory> user_;  // empty: kernel_ is the memory
  std::vector<Segment> segments_;
  size_t segment_ = 0;   // the first one with bytes left
  uint64_t offset_ = 0;  // into it, or into the kernel buffer
  std::byte* kernel_to_ = nullptr;
  const std::byte* kernel_from_ = nullptr;
  uint64_t remaining_ = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_IOV_ITER_H_
