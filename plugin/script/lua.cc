#include "plugin/script/lua.h"

#include <cstring>

#include "absl/strings/str_cat.h"

namespace faultline::script {

namespace {

// Its class: an address would be another in every run.
int WriteObject(lua_State* l) {
  if (luaL_getmetafield(l, 1, "__name") == LUA_TNIL) {
    lua_pushliteral(l, "object");
  }
  return 1;
}

}  // namespace

std::string GetText(lua_State* l, int arg) {
  const int type = lua_type(l, arg);
  const bool addressed =
      type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TTHREAD;
  if (addressed && luaL_getmetafield(l, arg, "__tostring") == LUA_TNIL) {
    return lua_typename(l, type);
  }
  if (addressed) {
    lua_pop(l, 1);
  }
  size_t bytes = 0;
  const char* const text = luaL_tolstring(l, arg, &bytes);
  std::string result(text, bytes);
  lua_pop(l, 1);
  return result;
}

void RegisterClass(lua_State* l, const ApiClass& c, lua_CFunction destroy) {
  luaL_newmetatable(l, c.name);
  lua_newtable(l);
  for (const ApiFunction& f : c.functions) {
    lua_pushcfunction(l, f.function);
    lua_setfield(l, -2, f.name);
  }
  lua_setfield(l, -2, "__index");
  lua_pushcfunction(l, destroy);
  lua_setfield(l, -2, "__gc");
  lua_pushcfunction(l, &WriteObject);
  lua_setfield(l, -2, "__tostring");
  // Scripts see neither the one nor the other.
  lua_pushstring(l, c.name);
  lua_setfield(l, -2, "__metatable");
  lua_pop(l, 1);
}

void Raise(lua_State* l, const std::string& text) {
  luaL_where(l, 1);
  lua_pushlstring(l, text.data(), text.size());
  lua_concat(l, 2);
  lua_error(l);
  std::terminate();  // lua_error() does not return
}

uint64_t GetNumber(lua_State* l, int arg) {
  return uint64_t(luaL_checkinteger(l, arg));
}

uint64_t GetNumber(lua_State* l, int arg, uint64_t otherwise) {
  return lua_isnoneornil(l, arg) ? otherwise : GetNumber(l, arg);
}

std::string GetString(lua_State* l, int arg) {
  size_t bytes = 0;
  const char* const text = luaL_checklstring(l, arg, &bytes);
  return {text, bytes};
}

bool PushField(lua_State* l, int arg, const char* name) {
  if (lua_isnoneornil(l, arg)) {
    return false;
  }
  luaL_checktype(l, arg, LUA_TTABLE);
  lua_getfield(l, arg, name);
  if (lua_isnil(l, -1)) {
    lua_pop(l, 1);
    return false;
  }
  return true;
}

namespace {

[[noreturn]] void WrongField(lua_State* l, const char* name,
                             const char* wanted) {
  Raise(l, absl::StrCat("field '", name, "' must be ", wanted, ", and is ",
                        luaL_typename(l, -1)));
}

}  // namespace

uint64_t NumberField(lua_State* l, int arg, const char* name,
                     uint64_t otherwise) {
  if (!PushField(l, arg, name)) {
    return otherwise;
  }
  int whole = 0;
  const lua_Integer value = lua_tointegerx(l, -1, &whole);
  if (whole == 0) {
    WrongField(l, name, "a whole number");
  }
  lua_pop(l, 1);
  return uint64_t(value);
}

std::string StringField(lua_State* l, int arg, const char* name,
                        const std::string& otherwise) {
  if (!PushField(l, arg, name)) {
    return otherwise;
  }
  if (lua_isstring(l, -1) == 0) {
    WrongField(l, name, "a string");
  }
  std::string value = lua_tostring(l, -1);
  lua_pop(l, 1);
  return value;
}

bool BoolField(lua_State* l, int arg, const char* name, bool otherwise) {
  if (!PushField(l, arg, name)) {
    return otherwise;
  }
  if (!lua_isboolean(l, -1)) {
    WrongField(l, name, "true or false");
  }
  const bool value = lua_toboolean(l, -1) != 0;
  lua_pop(l, 1);
  return value;
}

void CheckFields(lua_State* l, int arg,
                 std::initializer_list<const char*> known) {
  if (lua_isnoneornil(l, arg)) {
    return;
  }
  luaL_checktype(l, arg, LUA_TTABLE);
  lua_pushnil(l);
  while (lua_next(l, arg) != 0) {
    lua_pop(l, 1);
    const bool named = lua_type(l, -1) == LUA_TSTRING;
    const char* const name = named ? lua_tostring(l, -1) : "";
    bool found = false;
    std::string all;
    for (const char* const k : known) {
      found = found || std::strcmp(k, name) == 0;
      absl::StrAppend(&all, all.empty() ? "" : ", ", k);
    }
    if (!named) {
      Raise(l, absl::StrCat("a value without a name; there are: ", all));
    }
    if (!found) {
      Raise(l, absl::StrCat("no field '", name, "' here; there are: ", all));
    }
  }
}

int PushString(lua_State* l, const std::string& text) {
  lua_pushlstring(l, text.data(), text.size());
  return 1;
}

int PushErrno(lua_State* l, Errno error) {
  lua_pushnil(l);
  return 1 + PushString(l, std::string(ErrnoName(error)));
}

}  // namespace faultline::script
