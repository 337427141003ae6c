#ifndef FAULTLINE_PLUGIN_LINUX_KERNEL_CODE_H_
#define FAULTLINE_PLUGIN_LINUX_KERNEL_CODE_H_

// KernelCode: calls into the guest kernel image (images/README.md) and the
// faults that its routines take on user memory. A routine that faults waits
// where it is, in a context of its own, while others run.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "guest_mm/user_copy.h"
#include "plugin/engine/cpu.h"

namespace faultline::mm {
class AddressSpace;
}

namespace faultline::os {

// What becomes of a fault in kernel code.
enum class KernelFaults : uint8_t {
  kHandled,
  kDisabled,  // pagefault_disable(): straight to the fix-up
};

// Who answers what a routine asks of the machine (images/kernel/service.h), and
// watches it.
class KernelServices {
 public:
  virtual ~KernelServices() = default;
  // `*faults` is what becomes of faults from now on. Nothing: the routine is to
  // end here; its call returns 0.
  virtual std::optional<uint64_t> Serve(
      const engine::Cpu::KernelService& service, KernelFaults* faults) = 0;
  // A fault was met, and handled or not.
  virtual void OnFault(const engine::Trap& trap, bool handled) = 0;
};

class KernelCode : public mm::UserCopy {
 public:
  // `cpu` outlives it.
  explicit KernelCode(engine::Cpu& cpu) : cpu_(cpu) {}

  // Calls, one after another, and a buffer for them.
  class Frame {
   public:
    Frame(Frame&&) = default;
    Frame& operator=(Frame&&) = delete;
    ~Frame();

    const engine::KernelContext::Memory& memory() const {
      return context_->memory();
    }
    // Runs `call` over `mm` to its end. A fault that cannot be handled goes to
    // the exception table. Afterwards no task's registers are loaded.
    engine::Cpu::KernelResult Run(mm::AddressSpace& mm,
                                  const engine::Cpu::KernelCall& call,
                                  KernelFaults faults,
                                  KernelServices* services = nullptr);

   private:
    friend class KernelCode;
    Frame(KernelCode& owner, std::unique_ptr<engine::KernelContext> context);

    KernelCode* owner_;
    std::unique_ptr<engine::KernelContext> context_;
  };
  // `checks`: of the tags of user memory.
  Frame Begin(engine::TagChecks checks);

  // Has contexts for `calls` at once.
  void Reserve(size_t calls);

  bool CopyFrom(mm::AddressSpace& mm, mm::GuestAddr from,
                absl::Span<std::byte> to, mm::MayFault may_fault) override;

  engine::Cpu& cpu() { return cpu_; }

 private:
  engine::Cpu& cpu_;
  // At rest; the last one used is the next.
  std::vector<std::unique_ptr<engine::KernelContext>> idle_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_KERNEL_CODE_H_
