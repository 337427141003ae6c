// What a script says: properties, outcomes, tables.

#include "absl/strings/str_cat.h"
#include "plugin/script/interpreter.h"
#include "plugin/script/objects.h"

namespace faultline::script {
namespace {

std::vector<std::string> Cells(lua_State* l, int arg) {
  luaL_checktype(l, arg, LUA_TTABLE);
  std::vector<std::string> cells;
  const lua_Integer n = luaL_len(l, arg);
  for (lua_Integer i = 1; i <= n; ++i) {
    lua_rawgeti(l, arg, i);
    cells.push_back(GetText(l, -1));
    lua_pop(l, 1);
  }
  return cells;
}

int Print(lua_State* l) {
  std::string line;
  for (int i = 1; i <= lua_gettop(l); ++i) {
    absl::StrAppend(&line, i > 1 ? "\t" : "", GetText(l, i));
  }
  Script::Of(l).Print(line + "\n");
  return 0;
}

int Require(lua_State* l) {
  if (lua_toboolean(l, 1) == 0) {
    Raise(l, absl::StrCat("violated: ", lua_isnoneornil(l, 2)
                                            ? "what must hold does not"
                                            : GetText(l, 2)));
  }
  return 0;
}

int Forbid(lua_State* l) {
  if (lua_toboolean(l, 1) != 0) {
    Raise(l, absl::StrCat("violated: ", lua_isnoneornil(l, 2)
                                            ? "what must not be is"
                                            : GetText(l, 2)));
  }
  return 0;
}

// Of actors alone: lets others run until the function says true.
int Eventually(lua_State* l) {
  static constexpr mm::PointSite kEventuallyPoint{"script.eventually"};
  constexpr int kMostRounds = 10'000;
  luaL_checktype(l, 1, LUA_TFUNCTION);
  mm::Scheduler* const scheduler = mm::Scheduler::Active();
  for (int round = 0; round < kMostRounds; ++round) {
    lua_pushvalue(l, 1);
    lua_call(l, 0, 1);
    const bool true_now = lua_toboolean(l, -1) != 0;
    lua_pop(l, 1);
    if (true_now) {
      return 0;
    }
    if (scheduler == nullptr || mm::Scheduler::Current() == nullptr) {
      break;
    }
    scheduler->GoRound(kEventuallyPoint);
  }
  Raise(l, absl::StrCat("violated: ", lua_isnoneornil(l, 2)
                                          ? "what must come does not"
                                          : GetText(l, 2)));
}

int Outcome(lua_State* l) {
  Script::Of(l).stage().outcome = GetText(l, 1);
  return 0;
}

int Columns(lua_State* l) {
  Script::Of(l).report().columns = Cells(l, 1);
  return 0;
}

int Row(lua_State* l) {
  Report& report = Script::Of(l).report();
  Report::Row row;
  row.cells = Cells(l, 1);
  luaL_checkany(l, 2);
  row.held = lua_toboolean(l, 2) != 0;
  report.rows.push_back(std::move(row));
  return 0;
}

int Note(lua_State* l) {
  Script::Of(l).report().notes.push_back(GetText(l, 1));
  return 0;
}

int Undecided(lua_State* l) {
  Script& script = Script::Of(l);
  script.report().undecided = true;
  script.report().notes.push_back(absl::StrCat("undecided: ", GetText(l, 1)));
  return 0;
}

int Include(lua_State* l) {
  const std::string name = GetString(l, 1);
  const ScriptOptions& options = Script::Of(l).options();
  if (!options.read) {
    Raise(l, "include: this script has no folder");
  }
  const auto source = options.read(name);
  if (!source.ok()) {
    Raise(l, std::string(source.status().message()));
  }
  const int before = lua_gettop(l);
  if (luaL_loadbufferx(l, source->data(), source->size(),
                       absl::StrCat("@", name).c_str(), "t") != LUA_OK) {
    lua_error(l);
  }
  lua_call(l, 0, LUA_MULTRET);
  return lua_gettop(l) - before;
}

// matrix{a={1,2}, b={3,4}}: a function that gives one combination a call.
int MatrixNext(lua_State* l) {
  const lua_Integer at = lua_tointeger(l, lua_upvalueindex(2));
  const lua_Integer n = luaL_len(l, lua_upvalueindex(1));
  if (at >= n) {
    lua_pushnil(l);
    return 1;
  }
  lua_pushinteger(l, at + 1);
  lua_replace(l, lua_upvalueindex(2));
  lua_rawgeti(l, lua_upvalueindex(1), at + 1);
  return 1;
}

int Matrix(lua_State* l) {
  luaL_checktype(l, 1, LUA_TTABLE);
  std::vector<std::string> names;
  lua_pushnil(l);
  while (lua_next(l, 1) != 0) {
    luaL_checktype(l, -1, LUA_TTABLE);
    lua_pop(l, 1);
    if (lua_type(l, -1) != LUA_TSTRING) {
      Raise(l, "matrix: the names of its axes are strings");
    }
    names.push_back(lua_tostring(l, -1));
  }
  std::sort(names.begin(), names.end());
  lua_newtable(l);
  const int all = lua_gettop(l);
  std::vector<lua_Integer> at(names.size(), 1), sizes;
  for (const std::string& name : names) {
    lua_getfield(l, 1, name.c_str());
    sizes.push_back(luaL_len(l, -1));
    if (sizes.back() == 0) {
      Raise(l, absl::StrCat("matrix: axis '", name, "' is empty"));
    }
    lua_pop(l, 1);
  }
  for (lua_Integer n = 1;; ++n) {
    lua_newtable(l);
    for (size_t i = 0; i < names.size(); ++i) {
      lua_getfield(l, 1, names[i].c_str());
      lua_rawgeti(l, -1, at[i]);
      lua_setfield(l, -3, names[i].c_str());
      lua_pop(l, 1);
    }
    lua_rawseti(l, all, n);
    size_t i = names.size();
    while (i > 0 && at[i - 1] == sizes[i - 1]) {
      at[--i] = 1;
    }
    if (i == 0) {
      break;
    }
    ++at[i - 1];
  }
  lua_pushinteger(l, 0);
  lua_pushcclosure(l, MatrixNext, 2);
  return 1;
}

constexpr ApiFunction kFunctions[] = {
    {"require", Require, "require(condition [, text])",
     "It is a violation if the condition is not true."},
    {"forbid", Forbid, "forbid(condition [, text])", "Or if it is."},
    {"eventually", Eventually, "eventually(function [, text])",
     "Lets others run until the function says true; a violation if it never "
     "does."},
    {"outcome", Outcome, "outcome(text)",
     "What this run of a scenario came to, for the table of outcomes that "
     "explore{} returns."},
    {"columns", Columns, "columns{name, ...}", "The heads of the table."},
    {"row", Row, "row({cell, ...}, held)",
     "A row of it, and whether it is as claimed."},
    {"note", Note, "note(text)", "Printed below the table."},
    {"undecided", Undecided, "undecided(text)",
     "A bound was not enough to say."},
    {"print", Print, "print(...)", "A line of output."},
    {"include", Include, "include(name) -> ...",
     "Runs another file of the script's folder; what that returns."},
    {"matrix", Matrix, "for t in matrix{axis={value, ...}, ...} do",
     "All combinations, a table each: t.axis is the value."},
};
constexpr ApiClass kApi = {"", "What a script finds.", kFunctions};

}  // namespace

const ApiClass& ReportApi() { return kApi; }

}  // namespace faultline::script
