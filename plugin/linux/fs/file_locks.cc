#include "plugin/linux/fs/file_locks.h"

#include <algorithm>
#include <utility>

namespace faultline::os {

std::optional<FileLocks::Lock> FileLocks::Conflict(Kind kind,
                                                   const Lock& wanted) const {
  for (const Lock& l : list(kind)) {
    if (l.owner != wanted.owner && l.start <= wanted.end &&
        wanted.start <= l.end &&
        (l.type == Type::kWrite || wanted.type == Type::kWrite)) {
      return l;
    }
  }
  return std::nullopt;
}

ErrnoOr<Done> FileLocks::Set(Kind kind, const Lock& wanted) {
  if (Conflict(kind, wanted)) {
    return Errno::kEAGAIN;
  }
  Clear(kind, wanted.owner, wanted.start, wanted.end);
  list(kind).push_back(wanted);
  return kDone;
}

void FileLocks::Clear(Kind kind, const void* owner, uint64_t start,
                      uint64_t end) {
  std::vector<Lock> kept;
  for (const Lock& l : list(kind)) {
    if (l.owner != owner || l.end < start || end < l.start) {
      kept.push_back(l);
      continue;
    }
    // What sticks out on either side stays.
    if (l.start < start) {
      kept.push_back(l);
      kept.back().end = start - 1;
    }
    if (l.end > end) {
      kept.push_back(l);
      kept.back().start = end + 1;
    }
  }
  list(kind) = std::move(kept);
  released_.WakeAll();
}

}  // namespace faultline::os
