#ifndef FAULTLINE_PLUGIN_LINUX_ABI_ARM64_H_
#define FAULTLINE_PLUGIN_LINUX_ABI_ARM64_H_

// Linux on arm64, as programs see it. See abi.h.

#include "plugin/linux/abi.h"

namespace faultline::os {

class AbiArm64 : public Abi {
 public:
  engine::Arch arch() const override { return engine::Arch::kArm64; }
  const AbiIdentity& identity() const override;
  size_t EncodeStat(const FileStat& s,
                    absl::Span<std::byte> out) const override;
  size_t epoll_event_bytes() const override;
  uint32_t OpenFlagsIn(uint32_t flags) const override;
  uint32_t OpenFlagsOut(uint32_t flags) const override;
  bool clone_tls_before_child_tid() const override;
  engine::RegisterFile EntryRegisters(uint64_t pc, uint64_t sp) const override;
  void SetResult(engine::Cpu& cpu, uint64_t value) const override;
  void Restart(engine::Cpu& cpu, uint64_t number, uint64_t arg0) const override;
  void RestartBlock(engine::Cpu& cpu, uint64_t arg0) const override;
  void MakeChild(engine::RegisterFile& regs, uint64_t sp,
                 std::optional<uint64_t> tls) const override;
  uint64_t StackPointer(const engine::RegisterFile& regs) const override;
  uint64_t ProgramCounter(const engine::RegisterFile& regs) const override;
  uint64_t ResultRegister(const engine::RegisterFile& regs) const override;
  Emulated Emulate(Task& task, engine::Cpu& cpu,
                   engine::Trap& trap) const override;
  SigInfo SignalOf(const engine::Trap& trap, uint64_t pc) const override;
  void DescribeFault(Task& task, const engine::Trap& trap,
                     SignalDelivery& out) const override;
  ErrnoOr<Done> PushSignalFrame(Task& task, engine::Cpu& cpu,
                                const SignalDelivery& d) const override;
  ErrnoOr<SignalReturn> PopSignalFrame(Task& task,
                                       engine::Cpu& cpu) const override;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_ABI_ARM64_H_
