// lock: the lock of one page table, for scripts that take it themselves.

#include "guest_mm/pgtable/table_lock.h"

#include <utility>

#include "guest_mm/sync/scheduler.h"
#include "plugin/script/bind/space.h"
#include "plugin/script/objects.h"

namespace faultline::script {
namespace {

int LockAcquire(lua_State* l) {
  TableLock& lock = Get<TableLock>(l, 1);
  if (mm::Scheduler::Current() == nullptr) {
    Raise(l, "only an actor can do this");
  }
  if (lock.held != nullptr) {
    Raise(l, "it is held already");
  }
  const mm::PageTable& table = lock.space->mm->page_table();
  if (const mm::EntryRef found = table.Find(lock.address, lock.level)) {
    const auto it = lock.tries.emplace(lock.tries.end());
    if (it->Make(table, found)) {
      lock.held = &*it;
    } else {
      it->End();
      lock.tries.erase(it);
    }
  }
  lua_pushboolean(l, lock.held != nullptr);
  return 1;
}

int LockRelease(lua_State* l) {
  TableLock& lock = Get<TableLock>(l, 1);
  if (lock.held == nullptr) {
    Raise(l, "it is not held");
  }
  auto* const held = std::exchange(lock.held, nullptr);
  held->End();
  lock.tries.remove_if([held](const auto& t) { return &t == held; });
  return 0;
}

constexpr ApiFunction kFunctions[] = {
    {"acquire", LockAcquire, "lock:acquire() -> boolean",
     "Takes it, and waits for it if it must. false: there is no such table, or "
     "not any more. Locks have an order; what breaks it, or waits in a ring, "
     "is what try_run() returns."},
    {"release", LockRelease, "lock:release()", "Gives it back."},
};
constexpr ApiClass kApi = {"lock", "The lock of a page table.", kFunctions};

}  // namespace

int SpaceTableLock(lua_State* l) {
  auto lock = std::make_shared<TableLock>();
  lock->space = GetShared<Space>(l, 1);
  lock->address = mm::GuestAddr(GetNumber(l, 2));
  const uint64_t level = GetNumber(l, 3, 0);
  const auto& geometry = lock->space->mm->page_table().arch().geometry();
  if (level >= geometry.levels.size()) {
    Raise(l, "there is no such level");
  }
  lock->level = int(level);
  return Push(l, std::move(lock));
}

template <>
const ApiClass& ApiOf<TableLock>() {
  return kApi;
}

}  // namespace faultline::script
