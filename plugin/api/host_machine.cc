// What plug-ins ask about the machine, apart from what they are told.

#include <elf.h>

#include "guest_mm/mm/address_space.h"
#include "plugin/api/host.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::api {

os::Task* Host::task() const {
  const mm::Actor* const actor = mm::Scheduler::Current();
  return actor == nullptr ? nullptr : static_cast<os::Task*>(actor->owner());
}

mm::AddressSpace* Host::space() const {
  const os::Task* const t = task();
  return t == nullptr ? nullptr : t->shared.mm.get();
}

bool Host::HasRegisters() const {
  const os::Task* const t = task();
  return t != nullptr && t->run.context != nullptr &&
         kernel_.cpu().loaded() == t->run.context.get();
}

uint64_t Host::Entry() const {
  os::Task* const t = task();
  if (t != nullptr) {
    for (const auto& [key, value] : t->process().aux) {
      if (key == AT_ENTRY) {
        return value;
      }
    }
  }
  return 0;
}

const char* Host::SymbolAt(uint64_t address) {
  if (!symbols_.has_value()) {
    symbols_.emplace(program_);
  }
  const mm::AddressSpace* const mm = space();
  if (mm == nullptr) {
    return "";
  }
  if (symbols_->position_independent()) {
    for (const mm::Vma& v : mm->vmas()) {
      if (v.file != nullptr && v.file->MapsName() == program_) {
        address -= v.range.start.value() - symbols_->first_page();
        break;
      }
    }
  }
  const char* const name = symbols_->NameAt(address);
  return name == nullptr ? "" : name;
}

void* Host::HostAddress(const engine::WatchPlan& plan, uint64_t address) {
  return kernel_.memory().phys().ram() + plan.physical.value() +
         (address - plan.pc());
}

engine::RegisterFile Host::Registers() {
  engine::RegisterFile regs = kernel_.cpu().ReadRegisters();
  if (at_.has_value()) {
    // The engine's own is behind while a block runs.
    if (auto* const x86 = std::get_if<x86::Registers>(&regs)) {
      x86->rip = *at_;
    } else {
      std::get<arm64::Registers>(regs).pc = *at_;
    }
  }
  return regs;
}

void Host::AdvanceTo(const void* handle, int64_t ns) {
  const uint64_t now = kernel_.now() - mm::VirtualTime();
  if (handle != nullptr && ns > 0 && uint64_t(ns) > now) {
    kernel_.scheduler().Advance(uint64_t(ns) - now);
  }
}

}  // namespace faultline::api
