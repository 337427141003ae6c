// See loops.h. Linux: mm/filemap.c, fs/btrfs/ioctl.c, fs/gfs2/file.c,
// fs/iomap/direct-io.c; what is kept of each is its order of probe, copy and
// retry.

#include "images/kernel/loops.h"

#include "images/kernel/service.h"
#include "images/kernel/uaccess.h"

static uint64_t Min(uint64_t a, uint64_t b) { return a < b ? a : b; }

// To the end of the page that `at` is in.
static uint64_t RestOfPage(const struct LoopRequest* r, uint64_t at) {
  return r->page - (at & (r->page - 1));
}

static void Round(uint64_t moved, uint64_t state) {
  kernel_service(kServiceRound, moved, state);
}

// With page faults disabled: bytes not copied.
static uint64_t CopyInNofault(uint64_t to, UserAddr from, uint64_t bytes) {
  kernel_service(kServicePagefaults, 1, 0);
  const uint64_t left = copy_from_user((void*)to, from, bytes);
  kernel_service(kServicePagefaults, 0, 0);
  return left;
}

static uint64_t CopyOutNofault(UserAddr to, uint64_t from, uint64_t bytes) {
  kernel_service(kServicePagefaults, 1, 0);
  const uint64_t left = copy_to_user(to, (const void*)from, bytes);
  kernel_service(kServicePagefaults, 0, 0);
  return left;
}

// Bytes not faulted in, of memory that is going to be read.
static uint64_t ProbeForRead(const struct LoopRequest* r, UserAddr at,
                             uint64_t bytes) {
  switch (r->probe) {
    case kProbeNone:
      return 0;
    case kProbeFirstByte:
      return fault_in_readable(at, 1, r->page) == 0 ? 0 : bytes;
    default:
      return fault_in_readable(at, bytes, r->page);
  }
}

static uint64_t ProbeForWrite(const struct LoopRequest* r, UserAddr at,
                              uint64_t bytes) {
  switch (r->probe) {
    case kProbeNone:
      return 0;
    case kProbeFirstByte:
      return fault_in_writeable(at, 1, r->page) == 0 ? 0 : bytes;
    case kProbeGranules:
      return fault_in_subpage_writeable(at, bytes, r->page);
    case kProbeGup:
      return kernel_service(kServiceFaultInSafeWriteable, at, bytes);
    default:
      return fault_in_writeable(at, bytes, r->page);
  }
}

static int64_t Result(uint64_t moved, int64_t error) {
  return moved != 0 || error == 0 ? (int64_t)moved : error;
}

int64_t loop_buffered_write(const struct LoopRequest* r) {
  uint64_t written = 0;
  uint64_t probe = r->fault_in_first;
  while (written < r->bytes) {
    const UserAddr from = r->user + written;
    const uint64_t chunk = Min(RestOfPage(r, from), r->bytes - written);
    Round(written, probe);
    if (probe) {
      if (ProbeForRead(r, from, chunk) == chunk) {
        return Result(written, -EFAULT);
      }
      kernel_service(kServiceProbed, from, chunk);
    }
    const uint64_t copied =
        chunk - CopyInNofault(r->kernel + written, from, chunk);
    if (copied == 0 && probe && r->stuck == kStuckBailOut) {
      return Result(written, -EFAULT);
    }
    probe = r->fault_in_first || copied == 0;
    written += copied;
  }
  return (int64_t)written;
}

int64_t loop_buffered_read(const struct LoopRequest* r) {
  uint64_t read = 0;
  while (read < r->bytes) {
    const UserAddr to = r->user + read;
    const uint64_t chunk = Min(RestOfPage(r, to), r->bytes - read);
    Round(read, 0);
    const uint64_t left =
        copy_to_user(to, (const void*)(r->kernel + read), chunk);
    read += chunk - left;
    if (left != 0) {
      return Result(read, -EFAULT);
    }
  }
  return (int64_t)read;
}

// From `*cursor` on; 1: all items are there, 0: a copy faulted.
static int CopyItems(const struct LoopRequest* r, uint64_t* cursor) {
  while (*cursor + r->block <= r->bytes) {
    if (CopyOutNofault(r->user + *cursor, r->kernel, r->header) != 0) {
      return 0;
    }
    *cursor += r->header;
    if (CopyOutNofault(r->user + *cursor, r->kernel + r->header,
                       r->block - r->header) != 0) {
      *cursor -= r->header;
      return 0;
    }
    *cursor += r->block - r->header;
  }
  return 1;
}

int64_t loop_tree_search(const struct LoopRequest* r) {
  uint64_t cursor = 0;
  for (;;) {
    Round(cursor, 0);
    if (ProbeForWrite(r, r->user + cursor, r->bytes - cursor) != 0) {
      return -EFAULT;
    }
    kernel_service(kServiceProbed, r->user + cursor, r->bytes - cursor);
    if (CopyItems(r, &cursor)) {
      return (int64_t)cursor;
    }
  }
}

int64_t loop_gfs2_read(const struct LoopRequest* r) {
  uint64_t read = 0;
  for (;;) {
    Round(read, 0);
    read += r->bytes - read -
            CopyOutNofault(r->user + read, r->kernel + read, r->bytes - read);
    const uint64_t window = r->bytes - read;
    if (window == 0 || ProbeForWrite(r, r->user + read, window) == window) {
      return Result(read, -EFAULT);
    }
    kernel_service(kServiceProbed, r->user + read, window);
  }
}

int64_t loop_direct_io(const struct LoopRequest* r) {
  uint64_t done = 0;
  while (done < r->bytes) {
    const UserAddr to = r->user + done;
    Round(done, 0);
    if (ProbeForWrite(r, to, r->block) != 0) {
      return Result(done, -EFAULT);
    }
    kernel_service(kServiceProbed, to, r->block);
    if (CopyOutNofault(to, r->kernel, r->block) == 0) {
      done += r->block;
    } else if (r->stuck == kStuckBailOut) {
      return Result(done, -EFAULT);
    }
  }
  return (int64_t)done;
}
