#include "plugin/script/sandbox.h"

#include <cstdlib>

#include "guest_mm/base/check.h"

namespace faultline::script {
namespace {

constexpr size_t kMostBytes = size_t{256} << 20;

// malloc, never operator new: what a script knows is not put back with the
// machines it works on (scenario.h). `ud` counts the bytes.
void* Allocate(void* ud, void* old, size_t old_bytes, size_t bytes) {
  auto& used = *static_cast<size_t*>(ud);
  old_bytes = old == nullptr ? 0 : old_bytes;
  if (bytes == 0) {
    used -= old_bytes;
    std::free(old);
    return nullptr;
  }
  if (bytes > old_bytes && used + (bytes - old_bytes) > kMostBytes) {
    return nullptr;
  }
  void* const made = std::realloc(old, bytes);
  if (made != nullptr) {
    used = used - old_bytes + bytes;
  }
  return made;
}

// What pairs() goes by: numbers, then strings, each in order. Other keys have
// no order that a run could repeat.
constexpr char kPairs[] = R"(
local next, type, sort, error = next, type, table.sort, error
function pairs(t)
  local numbers, strings = {}, {}
  for k in next, t do
    local kind = type(k)
    if kind == "number" then numbers[#numbers + 1] = k
    elseif kind == "string" then strings[#strings + 1] = k
    else error("pairs: a key that is a " .. kind .. " has no order", 2) end
  end
  sort(numbers)
  sort(strings)
  local n = #numbers
  local i = 0
  return function()
    i = i + 1
    local k = i <= n and numbers[i] or strings[i - n]
    if k ~= nil then return k, t[k] end
  end
end
)";

// How a table or function is written would be its address: it is its type.
constexpr char kText[] = R"(
local type, getmetatable, error = type, getmetatable, error
local written, format, find = tostring, string.format, string.find
local pack, unpack = table.pack, table.unpack
local function plain(v)
  local kind = type(v)
  if kind == "function" or kind == "thread" then return true end
  if kind ~= "table" then return false end
  local meta = getmetatable(v)
  return type(meta) ~= "table" or meta.__tostring == nil
end
function tostring(v)
  if plain(v) then return type(v) end
  return written(v)
end
function string.format(text, ...)
  if find(text, "%%[-+ #0-9.]*p") then
    error("string.format: an address (%p) is another in every run", 2)
  end
  local values = pack(...)
  for i = 1, values.n do
    if plain(values[i]) then values[i] = type(values[i]) end
  end
  return format(text, unpack(values, 1, values.n))
end
)";

}  // namespace

lua_State* NewSandbox() {
  // Outlives the state: its last memory is given back at its very end.
  auto* const used = new size_t(0);
  lua_State* const l = lua_newstate(&Allocate, used);
  FL_CHECK(l != nullptr);
  for (const luaL_Reg& library : {luaL_Reg{LUA_GNAME, luaopen_base},
                                  {LUA_TABLIBNAME, luaopen_table},
                                  {LUA_STRLIBNAME, luaopen_string},
                                  {LUA_MATHLIBNAME, luaopen_math},
                                  {LUA_UTF8LIBNAME, luaopen_utf8}}) {
    luaL_requiref(l, library.name, library.func, 1);
    lua_pop(l, 1);
  }
  FL_CHECK(luaL_dostring(l, kPairs) == LUA_OK);
  FL_CHECK(luaL_dostring(l, kText) == LUA_OK);
  for (const char* const name :
       {"dofile", "loadfile", "load", "require", "collectgarbage", "next",
        "print", "package", "warn"}) {
    lua_pushnil(l);
    lua_setglobal(l, name);
  }
  lua_getglobal(l, LUA_MATHLIBNAME);
  for (const char* const name : {"random", "randomseed"}) {
    lua_pushnil(l);
    lua_setfield(l, -2, name);
  }
  lua_pop(l, 1);
  lua_getglobal(l, LUA_STRLIBNAME);
  lua_pushnil(l);
  lua_setfield(l, -2, "dump");
  lua_pop(l, 1);
  return l;
}

void CloseSandbox(lua_State* l) {
  void* used = nullptr;
  lua_getallocf(l, &used);
  lua_close(l);
  delete static_cast<size_t*>(used);
}

}  // namespace faultline::script
