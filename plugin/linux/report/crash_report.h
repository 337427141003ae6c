#ifndef FAULTLINE_PLUGIN_LINUX_REPORT_CRASH_REPORT_H_
#define FAULTLINE_PLUGIN_LINUX_REPORT_CRASH_REPORT_H_

// What to tell the user of a program that a signal killed: which signal and
// why, the instruction, the registers, the mappings around the address.

#include <string>

#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {

class Task;

// The task's registers are loaded and its memory is still there.
std::string CrashReport(Task& task, const SigInfo& info);

// True for the signals that the program itself brought on by an instruction.
bool IsFaultSignal(int signo);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_REPORT_CRASH_REPORT_H_
