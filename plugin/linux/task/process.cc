#include "plugin/linux/task/process.h"

#include "plugin/linux/task/task.h"

namespace faultline::os {

uint64_t Process::TotalUserNs() const {
  uint64_t ns = user_ns;
  for (const Task* t : threads) {
    ns += t->user_ns;
  }
  return ns;
}

uint64_t Process::TotalSystemNs() const {
  uint64_t ns = system_ns;
  for (const Task* t : threads) {
    ns += t->system_ns;
  }
  return ns;
}

}  // namespace faultline::os
