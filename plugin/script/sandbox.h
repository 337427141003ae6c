#ifndef FAULTLINE_PLUGIN_SCRIPT_SANDBOX_H_
#define FAULTLINE_PLUGIN_SCRIPT_SANDBOX_H_

#include "plugin/script/lua.h"

namespace faultline::script {

// A Lua state with base, string, table, math and utf8, without what reaches the
// host (load of byte code, dofile, require, io, os, debug, the collector) or
// differs from run to run (math.random, the order of pairs()). Bounded memory:
// a script that runs away ends with an error.
lua_State* NewSandbox();
void CloseSandbox(lua_State* l);

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_SANDBOX_H_
