#ifndef FAULTLINE_PLUGIN_SCRIPT_SCENARIO_H_
#define FAULTLINE_PLUGIN_SCRIPT_SCENARIO_H_

// Scenario: what explore{} was given: setup(), actors and check(), to be run
// under one schedule after the other, each time from the same beginning.
//
// The beginning is made once, by setup(), in an arena of its own, and put back
// before each run (plugin/rewind): that costs some ten microseconds,
// where setup() may cost milliseconds. Lua's own memory is not put back: the
// state that setup() has returned is copied for each run, table by table, and
// objects that a run has made are not to be used in another. Where there is no
// arena (sanitizers) setup() is called for each run.

#include <memory>
#include <string>

#include "plugin/rewind/arena.h"
#include "plugin/rewind/checkpoint.h"
#include "plugin/script/exploration.h"
#include "plugin/script/lua.h"

namespace faultline::script {

class Scenario {
 public:
  // `table`: explore{}'s argument on the stack of `l`, which stays there.
  Scenario(lua_State* l, int table);
  ~Scenario();
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

  RunEnd Run(const RunRequest& request);

 private:
  RunEnd RunAfresh(const RunRequest& request);
  // "" or why there is no beginning.
  std::string MakeBeginning();
  RunEnd RunFromBeginning(const RunRequest& request);
  // With the state on top of the stack, where it stays.
  RunEnd RunActors(const RunRequest& request);
  std::string ValidateAll();
  std::string Call(int function, int arguments, int results);

  lua_State* l_;
  Script& script_;
  int setup_ = 0, actors_ = 0, check_ = 0;
  bool validate_ = true;
  bool ready_ = false;  // the beginning can be put back
  std::string no_beginning_;
  uint64_t begun_ = 0, saved_ = 0;  // Script::time()
  uint64_t runs_ = 0;
  int state_ = LUA_NOREF;
  std::unique_ptr<rewind::Arena> arena_;
  std::unique_ptr<rewind::Checkpoint> checkpoint_;
};

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_SCENARIO_H_
