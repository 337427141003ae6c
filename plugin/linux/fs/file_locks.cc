#include "plugin/linux/fs/file_locks.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace faultline::os {
namespace {

// struct file_lock, about; and a tree node.
constexpr size_t kLockBytes = 192;

ErrnoOr<mm::Slab::Charge> Pay(mm::Slab& slab) {
  ErrnoOr<mm::Slab::Charge> charge = slab.Take(kLockBytes);
  if (!charge.ok()) {
    return Errno::kENOLCK;
  }
  return charge;
}

// The first of `locks` that reaches `at` or lies above it.
template <typename Map>
auto FirstReaching(Map& locks, uint64_t at) {
  auto it = locks.upper_bound(at);
  if (it != locks.begin() && std::prev(it)->second.lock.end >= at) {
    --it;
  }
  return it;
}

}  // namespace

std::optional<FileLocks::Lock> FileLocks::Conflict(Kind kind,
                                                   const Lock& wanted) const {
  for (const Owned& other : owners(kind)) {
    if (other.owner == wanted.owner) {
      continue;
    }
    for (auto it = FirstReaching(other.locks, wanted.start);
         it != other.locks.end() && it->first <= wanted.end; ++it) {
      const Lock& l = it->second.lock;
      if (l.type == Type::kWrite || wanted.type == Type::kWrite) {
        return l;
      }
    }
  }
  return std::nullopt;
}

FileLocks::ByStart* FileLocks::Find(Kind kind, const void* owner) {
  const auto it =
      std::find_if(owners(kind).begin(), owners(kind).end(),
                   [owner](const Owned& o) { return o.owner == owner; });
  return it == owners(kind).end() ? nullptr : &it->locks;
}

void FileLocks::DropIfEmpty(Kind kind, const void* owner) {
  std::erase_if(owners(kind), [owner](const Owned& o) {
    return o.owner == owner && o.locks.empty();
  });
}

void FileLocks::Cut(ByStart& locks, uint64_t start, uint64_t end,
                    mm::Slab::Charge& spare) {
  auto it = FirstReaching(locks, start);
  while (it != locks.end() && it->first <= end) {
    const Lock old = it->second.lock;
    mm::Slab::Charge charge = std::move(it->second.charge);
    it = locks.erase(it);
    // What sticks out on either side stays.
    if (old.start < start) {
      Lock below = old;
      below.end = start - 1;
      locks.emplace(below.start, Held{below, std::move(charge)});
      charge = std::exchange(spare, {});
    }
    if (old.end > end) {
      Lock above = old;
      above.start = end + 1;
      locks.emplace(above.start, Held{above, std::move(charge)});
      return;
    }
  }
}

ErrnoOr<Done> FileLocks::Set(Kind kind, const Lock& wanted, mm::Slab& slab) {
  // Before all else: it may wait.
  FL_ASSIGN(mm::Slab::Charge charge, Pay(slab));
  FL_ASSIGN(mm::Slab::Charge spare, Pay(slab));
  if (Conflict(kind, wanted)) {
    return Errno::kEAGAIN;
  }
  ByStart* locks = Find(kind, wanted.owner);
  if (locks == nullptr) {
    owners(kind).push_back({wanted.owner, {}});
    locks = &owners(kind).back().locks;
  }
  Cut(*locks, wanted.start, wanted.end, spare);
  Lock joined = wanted;
  const auto above = locks->upper_bound(wanted.start);
  if (above != locks->end() && wanted.end != ~uint64_t{0} &&
      above->first == wanted.end + 1 &&
      above->second.lock.type == wanted.type) {
    joined.end = above->second.lock.end;
    locks->erase(above);
  }
  const auto next = locks->upper_bound(wanted.start);
  if (next != locks->begin()) {
    const auto below = std::prev(next);
    if (below->second.lock.end + 1 == wanted.start &&
        below->second.lock.type == wanted.type) {
      joined.start = below->first;
      locks->erase(below);
    }
  }
  locks->emplace(joined.start, Held{joined, std::move(charge)});
  released_.WakeAll();
  return kDone;
}

ErrnoOr<Done> FileLocks::Unlock(const Lock& which, mm::Slab& slab) {
  ByStart* locks = Find(Kind::kRecord, which.owner);
  if (locks == nullptr) {
    return kDone;
  }
  mm::Slab::Charge spare;
  const auto it = FirstReaching(*locks, which.start);
  if (it != locks->end() && it->first < which.start &&
      it->second.lock.end > which.end) {
    FL_ASSIGN(spare, Pay(slab));
    locks = Find(Kind::kRecord, which.owner);  // that may have waited
    if (locks == nullptr) {
      return kDone;
    }
  }
  Cut(*locks, which.start, which.end, spare);
  DropIfEmpty(Kind::kRecord, which.owner);
  released_.WakeAll();
  return kDone;
}

void FileLocks::Clear(Kind kind, const void* owner) {
  if (std::erase_if(owners(kind), [owner](const Owned& o) {
        return o.owner == owner;
      }) != 0) {
    released_.WakeAll();
  }
}

}  // namespace faultline::os
