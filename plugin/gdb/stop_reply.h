#ifndef FAULTLINE_PLUGIN_GDB_STOP_REPLY_H_
#define FAULTLINE_PLUGIN_GDB_STOP_REPLY_H_

#include <string>

#include "plugin/gdb/session.h"
#include "plugin/gdb/target.h"

namespace faultline::gdb {

// "p64.64", or "64" without the multiprocess extension.
std::string ThreadText(const Session& session, ThreadId thread);
// The packet that tells gdb of a stop ("Stop Reply Packets" in its manual).
std::string StopReply(const Session& session, const Stop& stop);

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_STOP_REPLY_H_
