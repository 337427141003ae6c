#include "guest_mm/calls/populate.h"

#include <optional>

#include "guest_mm/fault/populate_range.h"

namespace faultline::mm {
namespace {

// A stretch of one VMA, and how to touch it; nothing if it is to be left.
struct Stretch {
  GuestRange range;
  std::optional<Populate> how;
  bool accessible = true;
};

Stretch Describe(const Vma& v, GuestRange range) {
  Stretch s{range.Intersect(v.range), Populate::kRead};
  if (v.flags.any(VmaFlag::kLockOnFault | VmaFlag::kPfnMap)) {
    s.how = std::nullopt;
  } else if (v.prot().none()) {
    s.accessible = false;
  } else if (v.has(VmaFlag::kWrite) && !v.shared()) {
    s.how = Populate::kWrite;
  }
  return s;
}

}  // namespace

ErrnoOr<Done> PopulateVmas(AddressSpace& mm, GuestRange range,
                           OnError on_error) {
  GuestAddr at = range.start;
  while (at < range.end) {
    Stretch s;
    {
      ReadGuard guard(mm.mmap_lock());
      const Vma* v = mm.vmas().FindAtOrAbove(at);
      const bool hole = v == nullptr || v->range.start > at;
      if (hole && on_error == OnError::kStop) {
        return Errno::kENOMEM;
      }
      if (v == nullptr || v->range.start >= range.end) {
        return kDone;
      }
      s = Describe(*v, {at, range.end});
    }
    ErrnoOr<Done> done = kDone;
    if (!s.accessible) {
      done = Errno::kEFAULT;
    } else if (s.how) {
      done = PopulateRange(mm, s.range, *s.how);
    }
    if (!done.ok() &&
        (on_error == OnError::kStop || done.error() == Errno::kEINTR)) {
      return done.error();
    }
    at = s.range.end;
  }
  return kDone;
}

}  // namespace faultline::mm
