#ifndef FAULTLINE_PLUGIN_LINUX_REPORT_CRASH_REPORT_H_
#define FAULTLINE_PLUGIN_LINUX_REPORT_CRASH_REPORT_H_

// What to tell the user of a program that a signal killed: which signal and
// why, the instruction, the registers, the mappings around the address.

#include <string>

#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {

struct OomKill;
class Task;

// Both: the task's registers are loaded and its memory is still there.
std::string CrashReport(Task& task, const SigInfo& info);
// The same in two lines: who, by what, why and at which instruction.
std::string ShortCrashReport(Task& task, const SigInfo& info);

// Of a task that dies because a fault found no memory: who, where, and what the
// machine's memory is used for. As above.
std::string OutOfMemoryReport(Task& task);

// Of a process that the OOM killer picks: for whose allocation, at which site,
// and what it and the machine use.
std::string OomKillReport(const OomKill& kill);

// True for the signals that say something went wrong in the program, which on
// Linux leave a core file. signal(7).
bool DumpsCore(int signo);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_REPORT_CRASH_REPORT_H_
