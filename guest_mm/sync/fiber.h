#ifndef FAULTLINE_GUEST_MM_SYNC_FIBER_H_
#define FAULTLINE_GUEST_MM_SYNC_FIBER_H_

// Fiber: a line of execution on a stack of its own, switched to by hand.
// Boost.Context's fcontext underneath (a dozen instructions, no system call);
// it is used directly because boost::context::fiber unwinds a dropped stack by
// an exception, and none may cross Unicorn's frames.
// The only file that knows how stacks are switched.

#include <cstddef>

#include "guest_mm/sync/stack_pool.h"

namespace faultline::mm {

class Fiber {
 public:
  using Entry = void (*)(void* arg);

  // The thread's own stack, as a place to come back to.
  Fiber() = default;
  // Calls entry(arg) on `stack` when first switched to. `entry` must not
  // return (it ends in SwitchForGood) and must let no exception out.
  Fiber(Stack stack, Entry entry, void* arg);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Leaves the running context in `from` and continues `to`; returns when
  // somebody switches to `from`.
  static void Switch(Fiber& from, Fiber& to);
  // Continues `to`; nobody may ever switch to `from` again. Its stack may be
  // reused as soon as `to` runs.
  [[noreturn]] static void SwitchForGood(Fiber& from, Fiber& to);

  Stack stack() const { return stack_; }

 private:
  struct Transfer;
  struct Arrival;

  void* context_ = nullptr;  // fcontext_t while it is not running
  Stack stack_;
  Entry entry_ = nullptr;
  void* arg_ = nullptr;
  void* fake_stack_ = nullptr;         // AddressSanitizer's
  const void* asan_bottom_ = nullptr;  // bounds, learnt for the thread's own
  size_t asan_size_ = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_FIBER_H_
