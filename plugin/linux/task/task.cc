#include "plugin/linux/task/task.h"

#include "plugin/linux/abi_arm64_mte.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"

namespace faultline::os {

Task::Task(Kernel& kernel, const Abi& abi, int tid,
           std::shared_ptr<Process> process)
    : kernel_(kernel), abi_(abi), tid_(tid), process_(std::move(process)) {}

Task::~Task() = default;

UserMemory Task::user() { return {kernel_.code(), *shared.mm, user_access()}; }

UserAccess Task::user_access() const {
  return {.tagged_addresses = takes_tagged_addresses(),
          .checks = TagChecksOf(tagged_addr_ctrl, kernel_.mte_tcf_preferred)};
}

bool Task::is_leader() const { return tid_ == process_->pid(); }

bool Task::SignalPending() const {
  return run.actor != nullptr &&
         run.actor->interruption() != mm::Interruption::kNone;
}

bool Task::FatalSignalPending() const {
  return run.actor != nullptr &&
         run.actor->interruption() == mm::Interruption::kFatal;
}

char Task::StateLetter() const {
  if (run.exited || run.actor == nullptr) {
    return 'Z';
  }
  if (ptrace.stop.active) {
    return 't';
  }
  if (jobctl.stopped) {
    return 'T';
  }
  return run.actor->state() == mm::Actor::State::kWaiting ? 'S' : 'R';
}

}  // namespace faultline::os
