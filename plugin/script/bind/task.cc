// task: real instructions, and copies on a thread's behalf.

#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "plugin/script/objects.h"

namespace faultline::script {
namespace {

// Bigger copies need no script.
constexpr uint64_t kMostBytes = 1 << 20;

UserOp Sized(lua_State* l, UserOp of_one_byte, uint64_t bytes) {
  switch (bytes) {
    case 1:
      return of_one_byte;
    case 2:
      return UserOp(int(of_one_byte) + 1);
    case 4:
      return UserOp(int(of_one_byte) + 2);
    case 8:
      return UserOp(int(of_one_byte) + 3);
    default:
      Raise(l, "an access is of 1, 2, 4 or 8 bytes");
  }
}

int PushResult(lua_State* l, const UserTask::Result& result) {
  if (!result.refused.empty()) {
    lua_pushnil(l);
    return 1 + PushString(l, result.refused);
  }
  lua_pushinteger(l, lua_Integer(result.value));
  return 1;
}

int TaskStore(lua_State* l) {
  const UserTask::Result result = Get<UserTask>(l, 1).Do(
      Sized(l, UserOp::kStore1, GetNumber(l, 4, 8)),
      {.address = GetNumber(l, 2), .value = GetNumber(l, 3)});
  if (result.refused.empty()) {
    lua_pushboolean(l, 1);
    return 1;
  }
  return PushResult(l, result);
}

int TaskLoad(lua_State* l) {
  return PushResult(
      l, Get<UserTask>(l, 1).Do(Sized(l, UserOp::kLoad1, GetNumber(l, 3, 8)),
                                {.address = GetNumber(l, 2)}));
}

int TaskAtomic(lua_State* l) {
  static const char* const kNames[] = {"add", "swap", "cas", nullptr};
  const int which = luaL_checkoption(l, 2, nullptr, kNames);
  return PushResult(l,
                    Get<UserTask>(l, 1).Do(UserOp(int(UserOp::kAdd8) + which),
                                           {.address = GetNumber(l, 3),
                                            .value = GetNumber(l, 4),
                                            .desired = GetNumber(l, 5, 0)}));
}

uint64_t Bytes(lua_State* l, uint64_t bytes) {
  if (bytes > kMostBytes) {
    Raise(l, absl::StrCat("at most ", kMostBytes, " bytes in one copy"));
  }
  return bytes;
}

int TaskCopyTo(lua_State* l) {
  const std::string text = GetString(l, 3);
  Bytes(l, text.size());
  lua_pushinteger(
      l, lua_Integer(Get<UserTask>(l, 1).CopyTo(
             GetNumber(l, 2),
             {reinterpret_cast<const std::byte*>(text.data()), text.size()})));
  return 1;
}

int TaskCopyFrom(lua_State* l) {
  std::string text(Bytes(l, GetNumber(l, 3)), '\0');
  const size_t left = Get<UserTask>(l, 1).CopyFrom(
      {reinterpret_cast<std::byte*>(text.data()), text.size()},
      GetNumber(l, 2));
  text.resize(text.size() - left);
  PushString(l, text);
  lua_pushinteger(l, lua_Integer(left));
  return 2;
}

int TaskClear(lua_State* l) {
  lua_pushinteger(l, lua_Integer(Get<UserTask>(l, 1).Clear(
                         GetNumber(l, 2), Bytes(l, GetNumber(l, 3)))));
  return 1;
}

int TaskTagChecks(lua_State* l) {
  using engine::TagCheck;
  static const char* const kModes[] = {"none", "sync", "async", "asymm",
                                       nullptr};
  const int mode = luaL_checkoption(l, 2, nullptr, kModes);
  Get<UserTask>(l, 1).SetTagChecks(
      mode == 3 ? engine::TagChecks{TagCheck::kSync, TagCheck::kAsync}
                : engine::TagChecks{TagCheck(mode), TagCheck(mode)});
  return 0;
}

int TaskFaults(lua_State* l) {
  lua_pushinteger(l, lua_Integer(Get<UserTask>(l, 1).faults()));
  return 1;
}

constexpr ApiFunction kFunctions[] = {
    {"store", TaskStore, "task:store(address, value [, bytes]) -> true",
     "A store of 1, 2, 4 or 8 bytes (8). It faults and waits as a program's "
     "would. Like the next two: nil and why, if it is refused (a signal)."},
    {"load", TaskLoad, "task:load(address [, bytes]) -> number", "A load."},
    {"atomic", TaskAtomic,
     "task:atomic('add'|'swap'|'cas', address, value [, desired]) -> number",
     "One atomic instruction on 8 bytes; what was there before. 'cas' stores "
     "`desired` if it finds `value`."},
    {"copy_to_user", TaskCopyTo, "task:copy_to_user(to, string) -> left",
     "The kernel's copy for a system call of this thread's: the bytes that "
     "were "
     "not copied."},
    {"copy_from_user", TaskCopyFrom,
     "task:copy_from_user(from, bytes) -> string, left", "The other way."},
    {"clear_user", TaskClear, "task:clear_user(to, bytes) -> left",
     "Zeros instead."},
    {"tag_checks", TaskTagChecks,
     "task:tag_checks('none'|'sync'|'async'|'asymm')",
     "arm64: how this thread's accesses to tagged memory are checked."},
    {"faults", TaskFaults, "task:faults() -> number",
     "How often this thread's instructions have entered the fault handler."},
};
constexpr ApiClass kApi = {"task", "A thread of a space's.", kFunctions};

}  // namespace

template <>
const ApiClass& ApiOf<UserTask>() {
  return kApi;
}

}  // namespace faultline::script
