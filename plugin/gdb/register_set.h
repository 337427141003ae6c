#ifndef FAULTLINE_PLUGIN_GDB_REGISTER_SET_H_
#define FAULTLINE_PLUGIN_GDB_REGISTER_SET_H_

// The registers that gdb sees: their names, sizes and order ("Standard Target
// Features" in its manual), and their values.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/engine/registers.h"

namespace faultline::gdb {

// What belongs to a thread and is in no register.
struct ExtraRegisters {
  uint64_t call = ~uint64_t{0};  // x86: orig_rax
  uint64_t tag_control = 0;      // arm64: tag_ctl
};

// Its offset and size in a g packet.
struct RegisterSlot {
  size_t offset = 0, bytes = 0;
};

// The target description, XML.
std::string TargetDescription(engine::Arch arch);
// In the order of the description, which is that of p and P packets.
const std::vector<RegisterSlot>& RegisterSlots(engine::Arch arch);
// The body of a g packet, not in hex.
std::string PackRegisters(const engine::RegisterFile& regs,
                          const ExtraRegisters& extra);
// The other way. False: too few bytes; nothing has changed. What gdb cannot
// change (selectors, tag control, what x87 had last) stays.
bool UnpackRegisters(std::string_view bytes, engine::RegisterFile* regs);

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_REGISTER_SET_H_
