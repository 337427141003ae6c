#ifndef FAULTLINE_PLUGIN_LINUX_TASK_PROCESS_TABLE_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_PROCESS_TABLE_H_

// ProcessTable: who has which pid and tid. Linux: kernel/pid.c. Ids are given
// in ascending order and not reused before they wrap, as in Linux.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "guest_mm/base/errno.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {

class ProcessTable {
 public:
  // Linux's default pid_max on a small machine.
  static constexpr int kPidMax = 32768;

  // kernel.threads-max: as many as would fill an eighth of `memory_bytes` with
  // their kernel stacks. What a thread costs the host is of that size too, so
  // this is also what keeps a fork bomb within the guest's memory. Linux:
  // kernel/fork.c set_max_threads().
  static constexpr int MaxThreads(uint64_t memory_bytes) {
    constexpr uint64_t kThreadSize = 16 * 1024;
    constexpr uint64_t kMinThreads = 20;
    return int(std::clamp(memory_bytes / (kThreadSize * 8), kMinThreads,
                          uint64_t{kPidMax}));
  }

  // An id that nobody else can get, for a task that is being made: making it
  // may wait. Free again at the end of this, unless the task was added.
  class Reservation {
   public:
    Reservation(Reservation&& o) noexcept
        : table_(o.table_), id_(std::exchange(o.id_, 0)) {}
    Reservation& operator=(Reservation&&) = delete;
    ~Reservation() { table_.reserved_.erase(id_); }
    int id() const { return id_; }

   private:
    friend class ProcessTable;
    Reservation(ProcessTable& table, int id) : table_(table), id_(id) {}
    ProcessTable& table_;
    int id_;
  };

  // Reserves the next free id, or `wanted` unless that is 0. kEAGAIN: there is
  // none; kEEXIST: it is taken, be it as a pgid or sid only; kEINVAL: no
  // process can have it. alloc_pid().
  ErrnoOr<Reservation> Reserve(int wanted = 0);
  // Both check that the id is not taken.
  void Add(std::shared_ptr<Process> process);
  void Add(std::shared_ptr<Task> task);
  void Remove(Process& process);
  void Remove(Task& task);
  // exec by a thread that is not the leader: it becomes the leader, with its
  // tid; the old leader's entry goes.
  void BecomeLeader(Task& task);

  // Null if there is none. Zombies are found until they are reaped.
  std::shared_ptr<Process> FindProcess(int pid) const;
  std::shared_ptr<Task> FindTask(int tid) const;

  // By id, ascending: the order that /proc lists.
  const std::map<int, std::shared_ptr<Process>>& processes() const {
    return processes_;
  }
  const std::map<int, std::shared_ptr<Task>>& tasks() const { return tasks_; }
  bool GroupExists(int pgid) const;
  bool SessionExists(int sid) const;
  int last_pid() const { return last_; }

 private:
  bool Taken(int id) const;

  std::set<int> reserved_;
  std::map<int, std::shared_ptr<Process>> processes_;
  std::map<int, std::shared_ptr<Task>> tasks_;
  int last_ = 99;  // the first program is pid 100: 1 is init, never shown
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_PROCESS_TABLE_H_
