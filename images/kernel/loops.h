#ifndef FAULTLINE_IMAGES_KERNEL_LOOPS_H_
#define FAULTLINE_IMAGES_KERNEL_LOOPS_H_

// Loops around copies, in the shape of Linux's, whose progress is to be
// watched. Each takes a LoopRequest and returns the bytes moved, or a negated
// errno if none were. Read by the image's C and by plugin/lab.

#include <stdint.h>

// How a loop looks at user memory before it copies with page faults disabled.
enum LoopProbe {
  kProbeNone,       // not at all
  kProbeFirstByte,  // the first byte alone
  kProbePages,      // a byte of each page (fault_in_readable, _writeable)
  kProbeGranules,   // of each tag granule (fault_in_subpage_writeable)
  kProbeGup,        // the page tables (fault_in_safe_writeable)
};

// What it does when a copy moves nothing although the probe has passed.
enum LoopStuck {
  kStuckRetry,    // probes and copies again
  kStuckBailOut,  // says EFAULT
};

// In C++ whatever is not named is 0.
#ifdef __cplusplus
#define LOOP_ZERO = 0
#else
#define LOOP_ZERO
#endif

struct LoopRequest {
  uint64_t user LOOP_ZERO;    // the user's buffer
  uint64_t bytes LOOP_ZERO;   // of it
  uint64_t kernel LOOP_ZERO;  // the kernel's
  uint64_t page LOOP_ZERO;    // bytes of a page
  uint64_t probe LOOP_ZERO;   // LoopProbe
  uint64_t stuck LOOP_ZERO;   // LoopStuck
  // Probe before the first copy (up to 6.14), or only after one that moved
  // nothing (665575cff098).
  uint64_t fault_in_first LOOP_ZERO;
  uint64_t header LOOP_ZERO;  // tree search: bytes of an item's header
  uint64_t block
      LOOP_ZERO;  // direct I/O: bytes of a block; tree search: of an item
};

// generic_perform_write(): from user memory, a page of the file at a time.
int64_t loop_buffered_write(const struct LoopRequest* r);
// filemap_read(): to user memory, a page at a time, with faults enabled.
int64_t loop_buffered_read(const struct LoopRequest* r);
// btrfs's search_ioctl(), copy_to_sk(): items of a header and data, to user
// memory; where an item's data does not fit through, its header is rewound.
int64_t loop_tree_search(const struct LoopRequest* r);
// gfs2_file_read_iter(): to user memory with faults disabled; what has faulted
// is brought in, as long as that says that it could.
int64_t loop_gfs2_read(const struct LoopRequest* r);
// Whole blocks to user memory: what of a block was copied before a fault does
// not count.
int64_t loop_direct_io(const struct LoopRequest* r);

#endif  // FAULTLINE_IMAGES_KERNEL_LOOPS_H_
