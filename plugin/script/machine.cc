#include "plugin/script/machine.h"

#include <utility>

#include "guest_mm/validate.h"

namespace faultline::script {

absl::StatusOr<std::shared_ptr<Machine>> Machine::Create(
    const MachineOptions& options) {
  std::shared_ptr<Machine> m(new Machine);
  auto cpu = engine::Cpu::Create(options.arch);
  if (!cpu.ok()) {
    return cpu.status();
  }
  m->cpu_ = *std::move(cpu);
  auto memory = mm::MemoryManager::Create(m->cpu_->arch_ops(), *m->cpu_,
                                          {.memory_bytes = options.memory_bytes,
                                           .swap_bytes = options.swap_bytes,
                                           .behaviours = options.behaviours});
  if (!memory.ok()) {
    return memory.status();
  }
  m->memory_ = *std::move(memory);
  if (absl::Status s = m->cpu_->AttachMemory(m->phys()); !s.ok()) {
    return s;
  }
  m->code_ = std::make_unique<os::KernelCode>(*m->cpu_);
  m->memory_->set_user_copy(m->code_.get());
  m->memory_->set_bug_handler(
      [machine = m.get()](std::string_view where) { machine->bug_ = where; });
  return m;
}

Machine::~Machine() { code_ = nullptr; }

ErrnoOr<std::shared_ptr<mm::AddressSpace>> Machine::NewSpace() {
  FL_ASSIGN(std::shared_ptr<mm::AddressSpace> space,
            mm::AddressSpace::Create(*memory_));
  Adopt(space);
  return space;
}

void Machine::Adopt(const std::shared_ptr<mm::AddressSpace>& space) {
  std::erase_if(spaces_, [](const auto& s) { return s.expired(); });
  spaces_.push_back(space);
}

void Machine::Abandon() {
  for (const auto& s : spaces_) {
    if (std::shared_ptr<mm::AddressSpace> space = s.lock()) {
      abandoned_.push_back(std::move(space));
    }
  }
}

void Machine::Validate() {
  std::vector<std::shared_ptr<mm::AddressSpace>> alive;
  std::vector<const mm::AddressSpace*> all;
  for (const auto& s : spaces_) {
    if (std::shared_ptr<mm::AddressSpace> space = s.lock()) {
      all.push_back(space.get());
      alive.push_back(std::move(space));
    }
  }
  mm::ValidateAll(*memory_, all, held);
}

}  // namespace faultline::script
