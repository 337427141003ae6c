#ifndef FAULTLINE_GUEST_MM_FILE_BACKING_H_
#define FAULTLINE_GUEST_MM_FILE_BACKING_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/sync/inject.h"

namespace faultline::mm {

// The device fails: kEIO, and the page is as before.
inline constexpr FailSite kFileReadError{"file.read.error",
                                         "a page of a file cannot be read"};
inline constexpr FailSite kFileWriteError{
    "file.write.error", "a page of a file cannot be written back"};

// Where a file's bytes come from and go to when not in memory.
class Backing {
 public:
  virtual ~Backing() = default;
  // Fills `page` (one page) from byte `offset`; what lies beyond the end is
  // zeroed. kEIO on trouble of the host's.
  virtual ErrnoOr<Done> ReadPage(uint64_t offset,
                                 absl::Span<std::byte> page) = 0;
  // Writes `bytes` (at most one page, cut at the file's end) at `offset`.
  virtual ErrnoOr<Done> WritePage(uint64_t offset,
                                  absl::Span<const std::byte> bytes) = 0;
  // The file was cut to `size` bytes: what lay beyond reads as zeros from now
  // on. Nothing to do for one whose owner has seen to that.
  virtual void Truncate(uint64_t size) { (void)size; }
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FILE_BACKING_H_
