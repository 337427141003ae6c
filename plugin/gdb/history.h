#ifndef FAULTLINE_PLUGIN_GDB_HISTORY_H_
#define FAULTLINE_PLUGIN_GDB_HISTORY_H_

// History: copies of the whole process, taken while the machine stood, from
// which the same run can be had again. A copy never runs itself: asked to, it
// makes a copy of its own, which carries out a Plan.
//
// One process at a time is the debugged machine. It holds a line to each copy
// that was taken before it in its own past; when it ends, copies that nobody
// has a line to any more end too. The first copy is the process that the user
// has started: it stays until the end, and ends with the machine's status.

#include <cstdint>
#include <vector>

#include "plugin/gdb/plan.h"

namespace faultline::gdb {

class History {
 public:
  History() = default;
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  enum class Who : uint8_t { kOriginal, kAnother };
  // Takes the first copy, which is the process that calls: this returns in new
  // ones, as Take() does.
  Who Begin(const Position& at, Plan* plan);
  bool begun() const { return !copies_.empty(); }

  // Takes a copy. Returns twice: now, and in each copy that is to carry out
  // `*plan`. Without room for one more process, nothing is taken.
  Who Take(const Position& at, Plan* plan);
  bool Has(const Position& at) const;
  // Ends this process, and has the latest copy at or before `from` carry out
  // the plan.
  [[noreturn]] void GoBack(const Position& from, const Plan& plan);
  // The machine has ended; so do this process and the user's.
  [[noreturn]] void End(int status);

 private:
  struct Copy {
    Position at;
    int line;  // a socket
  };
  // Of a copy: sleeps, and returns in a copy of its own.
  void Sleep(const Position& at, int line, Plan* plan);
  void ThinOut();

  std::vector<Copy> copies_;  // by position
};

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_HISTORY_H_
