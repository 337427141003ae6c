#ifndef FAULTLINE_PLUGIN_LINUX_TASK_RUN_LOOP_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_RUN_LOOP_H_

// The life of a task on its fiber: run in user mode until a trap, deal with
// the trap, deliver signals, run again.

#include <cstdint>
#include <memory>

#include "guest_mm/sync/point.h"

namespace faultline::os {

class Task;

inline constexpr mm::PointSite kSyscallEnter{"syscall.enter"};
inline constexpr mm::PointSite kSyscallExit{"syscall.exit"};
inline constexpr mm::PointSite kUserSlice{"user.slice"};
inline constexpr mm::PointSite kUserInsn{"user.insn"};
inline constexpr mm::PointSite kSchedYieldPoint{"sched_yield"};

// Makes the task's actor. Its registers are in run.context.
void SpawnTask(std::shared_ptr<Task> task);

// Makes the CPU's registers those of `task`: after every place where another
// task may have run. Cheap when they are.
void LoadTask(Task& task);

// Adds to virtual time and to the task's account and slice.
enum class ChargeTo : uint8_t { kUser, kSystem };
void Charge(Task& task, uint64_t ns, ChargeTo to);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_RUN_LOOP_H_
