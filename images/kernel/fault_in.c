// Bringing user memory in before it is copied. Linux: mm/gup.c.

#include "images/kernel/uaccess.h"

// The rest of the range from the first byte that `probe` cannot touch, trying
// its first byte and then the first of each further `step` (a power of two).
static uint64_t ForEachStep(UserAddr start, uint64_t bytes, uint64_t step,
                            int64_t (*probe)(UserAddr)) {
  const UserAddr end = start + bytes;
  for (UserAddr at = start; at < end; at = (at | (step - 1)) + 1) {
    if (probe(at) != 0) {
      return end - at;
    }
  }
  return 0;
}

static int64_t ProbeRead(UserAddr at) { return get_user_1(at).error; }
static int64_t ProbeWrite(UserAddr at) { return put_user_1(at, 0); }

uint64_t fault_in_readable(UserAddr from, uint64_t bytes, uint64_t page) {
  return ForEachStep(from, bytes, page, ProbeRead);
}

uint64_t fault_in_writeable(UserAddr to, uint64_t bytes, uint64_t page) {
  return ForEachStep(to, bytes, page, ProbeWrite);
}

uint64_t fault_in_subpage_writeable(UserAddr to, uint64_t bytes,
                                    uint64_t page) {
  const uint64_t left = fault_in_writeable(to, bytes, page);
#ifdef __aarch64__
  enum { kTagGranule = 16 };
  return left + ForEachStep(to, bytes - left, kTagGranule, ProbeRead);
#else
  return left;
#endif
}
