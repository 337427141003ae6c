#include "plugin/script/machine.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "guest_mm/fault/arch_with_policy.h"
#include "guest_mm/fault/fault_rules.h"
#include "guest_mm/validate.h"

namespace faultline::script {
namespace {

absl::StatusOr<mm::FaultPolicy> PolicyOf(const MachineOptions& options) {
  const std::vector<std::string> parts =
      absl::StrSplit(options.fault_rules, '@');
  mm::KernelVersion version = options.behaviours.version();
  const bool dated = parts.size() == 2;
  const std::vector<std::string> numbers =
      dated ? absl::StrSplit(parts[1], '.') : std::vector<std::string>{};
  const bool readable =
      parts.size() == 1 || (dated && numbers.size() == 2 &&
                            absl::SimpleAtoi(numbers[0], &version.major) &&
                            absl::SimpleAtoi(numbers[1], &version.minor));
  const mm::FaultRule* const rule =
      readable ? mm::FindFaultRule(parts[0], version) : nullptr;
  if (rule == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no fault rules '", options.fault_rules,
        "': an architecture's name, as alpha, or with a version, alpha@6.2"));
  }
  return rule->policy;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Machine>> Machine::Create(
    const MachineOptions& options) {
  std::shared_ptr<Machine> m(new Machine);
  auto cpu = engine::Cpu::Create(options.arch);
  if (!cpu.ok()) {
    return cpu.status();
  }
  m->cpu_ = *std::move(cpu);
  if (!options.fault_rules.empty()) {
    auto policy = PolicyOf(options);
    if (!policy.ok()) {
      return policy.status();
    }
    m->ruled_ =
        std::make_unique<mm::ArchWithPolicy>(m->cpu_->arch_ops(), *policy);
  }
  const mm::ArchOps& arch =
      m->ruled_ != nullptr ? *m->ruled_ : m->cpu_->arch_ops();
  auto memory = mm::MemoryManager::Create(arch, *m->cpu_,
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
  is_abandoned_ = true;
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
