// Running the guest kernel image's routines.

#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/engine/cpu_impl.h"

namespace faultline::engine {

KernelContext::KernelContext(std::unique_ptr<State> state, const Memory& memory)
    : CpuContext(std::move(state)), memory_(memory) {}

KernelContext::~KernelContext() {
  state().owner.kernel_memory.GiveBack(memory_);
}

std::unique_ptr<KernelContext> Cpu::NewKernelContext() {
  Impl& i = *impl_;
  return std::make_unique<KernelContext>(
      i.CopyOf(i.kernel_context.get(), mm::Mode::kKernel),
      i.kernel_memory.Take(i.uc, arch_));
}

void Cpu::BeginKernelCall(const KernelContext& context,
                          const KernelCall& call) {
  FL_CHECK(impl_->loaded == &context);
  impl_->port.PrepareKernelCall(impl_->uc, impl_->image, call,
                                context.memory());
}

Trap Cpu::RunKernel() {
  FL_CHECK(impl_->mode == mm::Mode::kKernel);
  return impl_->RunUntilTrap();
}

bool Cpu::FixUpKernelFault() {
  const uint64_t fixup = impl_->image.FixupOf(impl_->pc());
  if (fixup != 0) {
    uc_reg_write(impl_->uc, impl_->port.pc(), &fixup);
  }
  return fixup != 0;
}

Cpu::KernelResult Cpu::ReadKernelResult() const {
  return impl_->port.ReadKernelResult(impl_->uc);
}

Cpu::KernelService Cpu::ReadKernelService() const {
  return impl_->port.ReadKernelService(impl_->uc);
}

void Cpu::WriteKernelServiceResult(uint64_t value) {
  const int result =
      arch_ == Arch::kX86 ? int(UC_X86_REG_RAX) : int(UC_ARM64_REG_X0);
  uc_reg_write(impl_->uc, result, &value);
}

uint64_t Cpu::KernelAddressOf(const std::byte* host) const {
  const auto offset = uint64_t(uintptr_t(host) - uintptr_t(impl_->phys->ram()));
  return offset < impl_->phys->bytes() ? FrameWindow(arch_) + offset : 0;
}

}  // namespace faultline::engine
