#ifndef FAULTLINE_PLUGIN_LINUX_ABI_FRAME_H_
#define FAULTLINE_PLUGIN_LINUX_ABI_FRAME_H_

// What both architectures do with the signal frames that arch_*/signal_frame
// builds and reads: move them between registers and user memory.

#include <cstring>
#include <variant>

#include "guest_mm/fault/fault.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

// A page-fault trap as the memory manager's neutral fault.
inline mm::Fault FaultOf(const engine::Trap& trap) {
  mm::Fault f;
  f.address = trap.address;
  f.access = trap.access;
  f.mode = trap.mode;
  f.was_present = trap.was_present;
  return f;
}

// Fields of arch_*'s SignalRequest that have the same name and meaning.
template <typename Request>
Request MakeFrameRequest(const SignalDelivery& d) {
  Request r;
  r.signo = d.info.signo;
  r.handler = d.action.handler;
  r.restorer = (d.action.flags & kSaRestorer) != 0 ? d.action.restorer : 0;
  r.siginfo = (d.action.flags & kSaSigInfo) != 0;
  std::memcpy(r.info.data(), &d.info, sizeof d.info);
  r.mask = d.mask.bits();
  r.alt_stack.base = d.alt_stack.sp;
  r.alt_stack.flags = d.alt_stack.flags;
  r.alt_stack.size = d.alt_stack.size;
  r.switch_stack = d.on_alt_stack;
  return r;
}

// Writes the frame, then loads its registers. kEFAULT leaves the registers.
template <typename Frame>
ErrnoOr<Done> PlaceFrame(Task& task, engine::Cpu& cpu, const Frame& frame) {
  for (const auto& part : frame.memory) {
    if (task.user().CopyTo(part.address, part.bytes) != 0) {
      return Errno::kEFAULT;
    }
  }
  LoadTask(task);  // writing may have let others run
  cpu.WriteRegisters(frame.registers);
  return kDone;
}

// `parse`: the architecture's ParseSignalFrame.
template <typename Registers, typename Parse>
ErrnoOr<SignalReturn> TakeFrame(Task& task, engine::Cpu& cpu, Parse parse) {
  const engine::RegisterFile regs = cpu.ReadRegisters();
  FL_ASSIGN(const auto r, parse(std::get<Registers>(regs),
                                [&task](uint64_t at, absl::Span<std::byte> to) {
                                  return task.user().CopyFrom(to, at) == 0;
                                }));
  LoadTask(task);
  cpu.WriteRegisters(r.registers);
  SignalReturn out;
  out.mask = SignalSet(r.mask);
  out.alt_stack.sp = r.alt_stack.base;
  out.alt_stack.flags = r.alt_stack.flags;
  out.alt_stack.size = r.alt_stack.size;
  return out;
}

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_ABI_FRAME_H_
