#ifndef FAULTLINE_PLUGIN_SCRIPT_BIND_SPACE_H_
#define FAULTLINE_PLUGIN_SCRIPT_BIND_SPACE_H_

// Functions of the class "space" that are in files of their own.

#include "plugin/script/lua.h"

namespace faultline::script {

int SpaceFault(lua_State* l);      // fault.cc
int SpacePin(lua_State* l);        // pins.cc
int SpaceTableLock(lua_State* l);  // table_lock.cc

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_BIND_SPACE_H_
