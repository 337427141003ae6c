#ifndef FAULTLINE_PLUGIN_ENGINE_HOOKS_NOW_H_
#define FAULTLINE_PLUGIN_ENGINE_HOOKS_NOW_H_

// HooksNow: hooks that come and go, and which of them the engine has now. Not
// in memory that can be put back (operator new), since the engine cannot.

#include <unicorn/unicorn.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace faultline::engine {

struct HooksNow {
  // Before each block, to count them.
  uc_hook block = 0;
  bool counting = false;
  unsigned runs_uncounted = 0;
  // Before each instruction, to stop after one (step.cc).
  uc_hook instruction = 0;
  bool instructions = false;
  unsigned runs_unstepped = 0;

  struct Free {
    void operator()(HooksNow* h) const { std::free(h); }
  };
  using Owner = std::unique_ptr<HooksNow, Free>;
  static Owner Make() {
    return Owner(new (std::malloc(sizeof(HooksNow))) HooksNow);
  }
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_HOOKS_NOW_H_
