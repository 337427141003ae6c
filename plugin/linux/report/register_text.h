#ifndef FAULTLINE_PLUGIN_LINUX_REPORT_REGISTER_TEXT_H_
#define FAULTLINE_PLUGIN_LINUX_REPORT_REGISTER_TEXT_H_

// Registers and instructions as text.

#include <cstdint>
#include <string>

#include "plugin/engine/registers.h"

namespace faultline::os {

class Task;

// General registers, four to a line.
std::string RegisterText(const engine::RegisterFile& regs);

// "0x401000: 48 8b 00  mov rax, qword ptr [rax]", or why it cannot be shown.
std::string InstructionAt(Task& task, uint64_t pc);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_REPORT_REGISTER_TEXT_H_
