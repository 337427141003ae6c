#include "plugin/linux/kernel_code.h"

#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/fault/handle_page_fault.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "images/kernel/service.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/user_memory.h"

namespace faultline::os {
namespace {

using engine::Cpu;
using engine::Trap;

bool Resolve(Cpu& cpu, mm::AddressSpace& mm, const Trap& trap) {
  if (trap.kind == Trap::Kind::kTagFault) {
    return false;
  }
  FL_CHECK(trap.kind == Trap::Kind::kPageFault);
  const mm::Fault fault{
      .address = mm::UffdAsksForByte(mm.vmas(), trap.address)
                     ? mm.system().arch().Untag(cpu.LocateFault(trap))
                     : trap.address,
      .access = trap.access,
      .mode = mm::Mode::kKernel,
      .was_present = trap.was_present};
  return mm::HandlePageFault(mm, fault).handled();
}

// The running task's fault is this routine's, for rules of injection that ask.
class InRoutine {
 public:
  explicit InRoutine(engine::KernelRoutine routine) {
    const mm::Actor* const actor = mm::Scheduler::Current();
    if (mm::FailureSource::Active() != nullptr && actor != nullptr) {
      task_ = static_cast<Task*>(actor->owner());
    }
    if (task_ != nullptr) {
      task_->run.kernel_routine = engine::SymbolOf(routine);
    }
  }
  ~InRoutine() {
    if (task_ != nullptr) {
      task_->run.kernel_routine = nullptr;
    }
  }
  InRoutine(const InRoutine&) = delete;
  InRoutine& operator=(const InRoutine&) = delete;

 private:
  Task* task_ = nullptr;
};

}  // namespace

KernelCode::Frame::Frame(KernelCode& owner,
                         std::unique_ptr<engine::KernelContext> context)
    : owner_(&owner), context_(std::move(context)) {}

KernelCode::Frame::~Frame() {
  if (context_ != nullptr) {
    owner_->idle_.push_back(std::move(context_));
  }
}

KernelCode::Frame KernelCode::Begin(engine::TagChecks checks) {
  std::unique_ptr<engine::KernelContext> context;
  if (idle_.empty()) {
    context = cpu_.NewKernelContext();
  } else {
    context = std::move(idle_.back());
    idle_.pop_back();
  }
  cpu_.SetTagChecks(*context, checks);
  return {*this, std::move(context)};
}

Cpu::KernelResult KernelCode::Frame::Run(mm::AddressSpace& mm,
                                         const Cpu::KernelCall& call,
                                         KernelFaults faults,
                                         KernelServices* services) {
  Cpu& cpu = owner_->cpu_;
  cpu.SwitchTo(&mm, context_.get());
  cpu.BeginKernelCall(*context_, call);
  for (;;) {
    const Trap trap = cpu.RunKernel();
    if (trap.kind == Trap::Kind::kSyscall) {
      const Cpu::KernelService asked = cpu.ReadKernelService();
      if (asked.number == kServiceReturn) {
        return cpu.ReadKernelResult();
      }
      FL_CHECK(services != nullptr);
      const std::optional<uint64_t> answer = services->Serve(asked, &faults);
      if (!answer.has_value()) {
        return {};
      }
      cpu.SwitchTo(&mm, context_.get());
      cpu.WriteKernelServiceResult(*answer);
      continue;
    }
    const InRoutine in(call.routine);
    const bool resolved =
        faults == KernelFaults::kHandled && Resolve(cpu, mm, trap);
    if (services != nullptr) {
      services->OnFault(trap, resolved);
    }
    cpu.SwitchTo(&mm, context_.get());
    // Else it is a mistake in the image.
    FL_CHECK(resolved || cpu.FixUpKernelFault());
  }
}

void KernelCode::Reserve(size_t calls) {
  while (idle_.size() < calls) {
    idle_.push_back(cpu_.NewKernelContext());
  }
}

bool KernelCode::CopyFrom(mm::AddressSpace& mm, mm::GuestAddr from,
                          absl::Span<std::byte> to, mm::MayFault may_fault) {
  // For the running task, in its mode of checking tags.
  const mm::Actor* const actor = mm::Scheduler::Current();
  auto* const task =
      actor == nullptr ? nullptr : static_cast<const Task*>(actor->owner());
  UserMemory user(*this, mm,
                  task == nullptr ? UserAccess() : task->user_access());
  const size_t left = may_fault == mm::MayFault::kYes
                          ? user.CopyFrom(to, from.value())
                          : user.CopyFromNofault(to, from.value());
  return left == 0;
}

}  // namespace faultline::os
