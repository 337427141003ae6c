#ifndef FAULTLINE_PLUGIN_ENGINE_ARM64_PORT_H_
#define FAULTLINE_PLUGIN_ENGINE_ARM64_PORT_H_

// The arm64 engine. See port.h.

#include "plugin/engine/port.h"

namespace faultline::engine {

class Arm64Port : public Port {
 public:
  explicit Arm64Port(const mm::ArchOps& ops) : ops_(ops) {}
  const mm::ArchOps& arch_ops() const override { return ops_; }
  uc_err Open(uc_engine** uc) const override;
  absl::Status AddHooks(Cpu::Impl& cpu) const override;
  bool IsKernelAddress(uint64_t va) const override;
  bool IsCanonical(uint64_t va) const override;
  int pc() const override;
  int sp() const override;
  int thread_pointer() const override;
  RegisterFile Read(uc_engine* uc) const override;
  void Write(uc_engine* uc, const RegisterFile& regs) const override;
  RegisterFile Initial() const override;
  Cpu::SyscallRegs ReadSyscall(uc_engine* uc) const override;
  void WriteSyscallResult(uc_engine* uc, uint64_t value) const override;
  void PrepareEnterUser(uc_engine* uc, const KernelImage& image,
                        absl::Span<std::byte> stack) const override;
  void PrepareFlush(uc_engine* uc, uint64_t first_page,
                    uint64_t pages) const override;
  void PrepareKernelCall(uc_engine* uc, const KernelImage& image,
                         const Cpu::KernelCall& call,
                         const KernelContext::Memory& memory) const override;
  Cpu::KernelResult ReadKernelResult(uc_engine* uc) const override;
  Cpu::KernelService ReadKernelService(uc_engine* uc) const override;
  bool IsSyscall(uint32_t number) const override;
  Trap Classify(uint32_t number, uint64_t* pc,
                const CodeWindow& code) const override;
  Trap::Kind UnknownInstruction(const CodeWindow&) const override {
    return Trap::Kind::kUndefined;
  }
  bool NeedsCleanState(uint32_t number) const override;
  bool TranslatesAhead() const override;
  bool SetSingleStep(uc_engine* uc, SingleStep step) const override;
  bool IsSingleStep(uint32_t number) const override;
  bool ReadsDescriptors(const CodeWindow& code) const override;

 private:
  const mm::ArchOps& ops_;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_ARM64_PORT_H_
