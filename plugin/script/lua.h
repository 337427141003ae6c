#ifndef FAULTLINE_PLUGIN_SCRIPT_LUA_H_
#define FAULTLINE_PLUGIN_SCRIPT_LUA_H_

// What binding C++ to Lua takes here: objects as full userdata that own a
// shared_ptr, fields of argument tables, errors that name the script's line.
// Lua is the build of it that unwinds with C++ exceptions: an error may leave
// a function that has objects on its stack. It must not leave one that holds
// locks of the guest's.

#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "guest_mm/base/errno.h"
#include "lua.hpp"

namespace faultline::script {

// One function of the interface that scripts see. The reference in docs/ is
// made of these.
struct ApiFunction {
  const char* name;
  lua_CFunction function;
  const char* usage;  // "space:map{at=, length=} -> address"
  const char* what;   // a sentence or two
};
struct ApiClass {
  const char* name;  // "space"; "" for global functions
  const char* what;
  absl::Span<const ApiFunction> functions;
};

// The C++ type behind a class of the interface: its ApiClass.
template <typename T>
const ApiClass& ApiOf();

// A metatable for `c`; `destroy` is its __gc.
void RegisterClass(lua_State* l, const ApiClass& c, lua_CFunction destroy);

// Objects are of the run of a scenario in which they were made: when the
// machine is put back to where it was before (scenario.h), they were never.
uint64_t PresentTime(lua_State* l);
bool NeverWas(lua_State* l, uint64_t made_at);

template <typename T>
struct Held {
  std::shared_ptr<T> object;
  uint64_t made_at;
};

template <typename T>
int DestroyObject(lua_State* l) {
  auto* const held = static_cast<Held<T>*>(lua_touserdata(l, 1));
  if (!NeverWas(l, held->made_at)) {
    held->~Held<T>();
  }
  return 0;
}

template <typename T>
int Push(lua_State* l, std::shared_ptr<T> object) {
  void* const at = lua_newuserdatauv(l, sizeof(Held<T>), 0);
  new (at) Held<T>{std::move(object), PresentTime(l)};
  luaL_setmetatable(l, ApiOf<T>().name);
  return 1;
}

// An error of the script's.
[[noreturn]] void Raise(lua_State* l, const std::string& text);

// An argument that must be such an object.
template <typename T>
const std::shared_ptr<T>& GetShared(lua_State* l, int arg) {
  auto* const held =
      static_cast<Held<T>*>(luaL_checkudata(l, arg, ApiOf<T>().name));
  if (NeverWas(l, held->made_at)) {
    Raise(l, "an object of another run of the scenario");
  }
  return held->object;
}
template <typename T>
T& Get(lua_State* l, int arg) {
  return *GetShared<T>(l, arg);
}
template <typename T>
std::shared_ptr<T> GetOptional(lua_State* l, int arg) {
  return luaL_testudata(l, arg, ApiOf<T>().name) == nullptr
             ? nullptr
             : GetShared<T>(l, arg);
}

uint64_t GetNumber(lua_State* l, int arg);
uint64_t GetNumber(lua_State* l, int arg, uint64_t otherwise);
std::string GetString(lua_State* l, int arg);
// Any value, as tostring() writes it; what that has only an address for is its
// type.
std::string GetText(lua_State* l, int arg);

// Fields of the table at `arg`; absent ones (and no table) are `otherwise`.
// A field of another type is an error that names it.
uint64_t NumberField(lua_State* l, int arg, const char* name,
                     uint64_t otherwise);
std::string StringField(lua_State* l, int arg, const char* name,
                        const std::string& otherwise);
bool BoolField(lua_State* l, int arg, const char* name, bool otherwise);
// Pushes the field, and says whether it is there (else nothing is pushed).
bool PushField(lua_State* l, int arg, const char* name);
// Every field must be one of `known`, which ends with null: else an error.
void CheckFields(lua_State* l, int arg,
                 std::initializer_list<const char*> known);

int PushString(lua_State* l, const std::string& text);
// nil and the error's name: what a call that failed returns.
int PushErrno(lua_State* l, Errno error);
template <typename T>
int PushDone(lua_State* l, const ErrnoOr<T>& result) {
  if (!result.ok()) {
    return PushErrno(l, result.error());
  }
  lua_pushboolean(l, 1);
  return 1;
}

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_LUA_H_
