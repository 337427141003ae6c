#ifndef FAULTLINE_PLUGIN_LINUX_ABI_ARM64_MTE_H_
#define FAULTLINE_PLUGIN_LINUX_ABI_ARM64_MTE_H_

// The Memory Tagging Extension as a program sees it: its instructions, which
// the engine does not know, and what prctl(2) makes of a thread. Linux:
// arch/arm64/kernel/mte.c, Documentation/arch/arm64/
// memory-tagging-extension.rst.

#include <cstdint>

#include "plugin/engine/cpu.h"
#include "plugin/engine/trap.h"
#include "plugin/linux/abi.h"

namespace faultline::os {

// PR_SET_TAGGED_ADDR_CTRL's bits.
inline constexpr uint64_t kTaggedAddrEnable = 1;
inline constexpr uint64_t kMteTcfSync = 2;
inline constexpr uint64_t kMteTcfAsync = 4;
// Not a bit that a program may give: what both together may become.
inline constexpr uint64_t kMteTcfAsymm = uint64_t{1} << 32;
inline constexpr int kMteTagShift = 3;
inline constexpr uint64_t kMteTagMask = uint64_t{0xffff} << kMteTagShift;
inline constexpr uint64_t kTaggedAddrCtrlBits =
    kTaggedAddrEnable | kMteTcfSync | kMteTcfAsync | kMteTagMask;

// What a thread's accesses are checked for: of the modes that it asks for, the
// CPU's `preferred` one (fs/proc/mte_knob.h), if that is among them. Linux:
// mte_update_sctlr_user().
engine::TagChecks TagChecksOf(uint64_t tagged_addr_ctrl, uint64_t preferred);

// The thread is to run under `ctrl` from now on.
void SetTaggedAddrCtrl(Task& task, uint64_t ctrl);

// Does the instruction that `trap` stopped at, if it is one of them. kFault:
// `trap` says what it met, and nothing of it has happened.
Emulated EmulateMte(Task& task, engine::Cpu& cpu, engine::Trap& trap);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_ABI_ARM64_MTE_H_
