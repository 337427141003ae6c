#ifndef FAULTLINE_PLUGIN_LINUX_IPC_GUEST_BYTES_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_GUEST_BYTES_H_

// GuestBytes: bytes the guest's kernel keeps, in the guest's own memory, so
// that no guest can fill the host's. Linux: what an sk_buff points to.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/iov_iter.h"

namespace faultline::mm {
class PhysMem;
}

namespace faultline::os {

class GuestBytes {
 public:
  // The next `size` bytes of `from`. kENOMEM, kEFAULT: nothing is kept.
  static ErrnoOr<GuestBytes> CopyIn(mm::PhysMem& phys, IovIter& from,
                                    size_t size);
  ~GuestBytes();
  GuestBytes(GuestBytes&& o) noexcept;
  GuestBytes& operator=(GuestBytes&& o) noexcept;

  size_t size() const { return size_; }
  // Copies [offset, offset + n) out; how many, fewer if user memory faulted.
  size_t CopyOut(size_t offset, size_t n, IovIter& to) const;

 private:
  explicit GuestBytes(mm::PhysMem& phys) : phys_(&phys) {}

  mm::PhysMem* phys_;
  std::vector<mm::Pfn> pages_;
  size_t size_ = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_GUEST_BYTES_H_
