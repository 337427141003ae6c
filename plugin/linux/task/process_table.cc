#include "plugin/linux/task/process_table.h"

#include <algorithm>

#include "guest_mm/base/check.h"

namespace faultline::os {

bool ProcessTable::Taken(int id) const {
  return reserved_.contains(id) || tasks_.contains(id) ||
         processes_.contains(id) || GroupExists(id) || SessionExists(id);
}

ErrnoOr<ProcessTable::Reservation> ProcessTable::Reserve(int wanted) {
  if (wanted != 0) {
    if (wanted < 0 || wanted >= kPidMax) {
      return Errno::kEINVAL;
    }
    if (wanted == 1 || Taken(wanted)) {  // 1 is init
      return Errno::kEEXIST;
    }
    reserved_.insert(wanted);
    return Reservation(*this, wanted);
  }
  for (int tries = 0; tries < kPidMax; ++tries) {
    // After a wrap Linux starts at RESERVED_PIDS.
    last_ = last_ + 1 >= kPidMax ? 300 : last_ + 1;
    if (!Taken(last_)) {
      reserved_.insert(last_);
      return Reservation(*this, last_);
    }
  }
  return Errno::kEAGAIN;
}

void ProcessTable::Add(std::shared_ptr<Process> process) {
  const int pid = process->pid();
  FL_CHECK(processes_.emplace(pid, std::move(process)).second);
}

void ProcessTable::Add(std::shared_ptr<Task> task) {
  if (task->is_leader()) {
    task->process().leader_ = task.get();
  }
  task->process().threads.push_back(task.get());
  const int tid = task->tid();
  FL_CHECK(tasks_.emplace(tid, std::move(task)).second);
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
