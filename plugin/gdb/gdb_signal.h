#ifndef FAULTLINE_PLUGIN_GDB_GDB_SIGNAL_H_
#define FAULTLINE_PLUGIN_GDB_GDB_SIGNAL_H_

// The protocol has signal numbers of its own (gdb's include/gdb/signals.def).

namespace faultline::gdb {

// 143 (unknown) and 0, where there is no counterpart.
int ToGdbSignal(int signo);
int FromGdbSignal(int number);

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_GDB_SIGNAL_H_
