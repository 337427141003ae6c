#ifndef FAULTLINE_PLUGIN_SCRIPT_MACHINE_H_
#define FAULTLINE_PLUGIN_SCRIPT_MACHINE_H_

// Machine: what a script works on: a CPU, memory, address spaces, and the code
// that touches user memory; no programs and no files but memory's own.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/mm/memory_manager.h"
#include "plugin/engine/cpu.h"
#include "plugin/linux/kernel_code.h"

namespace faultline::script {

struct MachineOptions {
  engine::Arch arch = engine::Arch::kX86;
  uint64_t memory_bytes = 16 << 20;
  uint64_t swap_bytes = 0;
  mm::BehaviourSet behaviours{};
  // Whose rules of judging a fault hold, if not the architecture's own
  // (guest_mm/fault/fault_rules.h), in this version or, "m68k@5.10", in that;
  // "" for its own.
  std::string fault_rules{};
};

class Machine {
 public:
  // Fails as Cpu::Create and MemoryManager::Create do. kInvalidArgument: there
  // are no such fault rules in that version.
  static absl::StatusOr<std::shared_ptr<Machine>> Create(
      const MachineOptions& options);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  engine::Cpu& cpu() { return *cpu_; }
  mm::MemoryManager& memory() { return *memory_; }
  mm::PhysMem& phys() { return memory_->phys(); }
  os::KernelCode& code() { return *code_; }
  engine::Arch arch() const { return cpu_->arch(); }
  uint64_t page() const { return memory_->page_shift().bytes(); }
  // Of one entry of the lowest middle table.
  uint64_t huge() const { return page() * (page() / sizeof(uint64_t)); }

  // kENOMEM.
  ErrnoOr<std::shared_ptr<mm::AddressSpace>> NewSpace();
  // One that was made elsewhere (DupMm()). It lives as long as somebody uses
  // it.
  void Adopt(const std::shared_ptr<mm::AddressSpace>& space);

  // Every invariant of every frame and table; a broken one goes to the check
  // handler (guest_mm/base/check_handler.h). Not while an actor is half way
  // through something.
  void Validate();
  // A run has broken off in the middle: what there is stays, spaces too.
  void Abandon();
  bool abandoned() const { return is_abandoned_; }
  // The BUG() of Linux's that was reached, if one was.
  const std::string& bug() const { return bug_; }
  // References to anonymous pages that the script has (pins).
  mm::PageCount held;

 private:
  Machine() = default;

  std::unique_ptr<engine::Cpu> cpu_;
  std::unique_ptr<mm::ArchOps> ruled_;  // `cpu_`'s with other fault rules
  std::unique_ptr<mm::MemoryManager> memory_;
  std::unique_ptr<os::KernelCode> code_;
  std::vector<std::weak_ptr<mm::AddressSpace>> spaces_;
  std::vector<std::shared_ptr<mm::AddressSpace>> abandoned_;
  bool is_abandoned_ = false;
  std::string bug_;
};

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_MACHINE_H_
