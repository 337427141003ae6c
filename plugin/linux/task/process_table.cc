#include "plugin/linux/task/process_table.h"

#include <algorithm>

namespace faultline::os {

int ProcessTable::Allocate() {
  for (int tries = 0; tries < kPidMax; ++tries) {
    // After a wrap Linux starts at RESERVED_PIDS.
    last_ = last_ + 1 >= kPidMax ? 300 : last_ + 1;
    if (!tasks_.contains(last_) && !processes_.contains(last_) &&
        !GroupExists(last_) && !SessionExists(last_)) {
      return last_;
    }
  }
  return 0;
}

void ProcessTable::Add(std::shared_ptr<Process> process) {
  processes_[process->pid()] = std::move(process);
}

void ProcessTable::Add(std::shared_ptr<Task> task) {
  if (task->is_leader()) {
    task->process().leader_ = task.get();
  }
  task->process().threads.push_back(task.get());
  tasks_[task->tid()] = std::move(task);
}

void ProcessTable::Remove(Process& process) {
  if (process.leader_ != nullptr) {
    tasks_.erase(process.leader_->tid());
    process.leader_ = nullptr;
  }
  processes_.erase(process.pid());
}

void ProcessTable::Remove(Task& task) { tasks_.erase(task.tid()); }

void ProcessTable::BecomeLeader(Task& task) {
  const std::shared_ptr<Task> self = tasks_[task.tid()];
  tasks_.erase(task.tid());
  task.tid_ = task.process().pid();
  task.process().leader_ = &task;
  tasks_[task.tid()] = self;
}

std::shared_ptr<Process> ProcessTable::FindProcess(int pid) const {
  auto it = processes_.find(pid);
  return it == processes_.end() ? nullptr : it->second;
}

std::shared_ptr<Task> ProcessTable::FindTask(int tid) const {
  auto it = tasks_.find(tid);
  return it == tasks_.end() ? nullptr : it->second;
}

bool ProcessTable::GroupExists(int pgid) const {
  return std::any_of(processes_.begin(), processes_.end(),
                     [pgid](const auto& p) { return p.second->pgid == pgid; });
}

bool ProcessTable::SessionExists(int sid) const {
  return std::any_of(processes_.begin(), processes_.end(),
                     [sid](const auto& p) { return p.second->sid == sid; });
}

}  // namespace faultline::os
