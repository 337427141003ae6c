#ifndef FAULTLINE_PLUGIN_REWIND_TIMELINE_H_
#define FAULTLINE_PLUGIN_REWIND_TIMELINE_H_

// Timeline: a machine's run on a stack of its own, that stands still where it
// asks to, can be saved there, and put back there again and again: what fork()
// at that place would give, without a process, and with the engine's
// translations kept.
//
//   Timeline t(kernel, &arena, [&] { kernel.Run(); });
//   while (t.Resume()) {        // stands at a Pause()
//     t.Save();
//     t.Resume(); ...           // to wherever it goes
//     t.Restore();              // stands at that Pause() again
//   }
//
// What is put back is what lies in the arena (the machine must have been made
// inside, and stacks are in it, too), the machine's memory, and what the engine
// holds of the running thread; what `body` refers to outside is not. Host
// descriptors that were open stay so. One at a time that saves.

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "guest_mm/sync/fiber.h"
#include "plugin/linux/kernel.h"
#include "plugin/rewind/arena.h"

namespace faultline::rewind {

class MachineState;

class Timeline {
 public:
  // Begins nothing. `arena`: null if Save() will not be called. The kernel and
  // the arena outlive it.
  Timeline(os::Kernel& kernel, Arena* arena, std::function<void()> body);
  ~Timeline();
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  // Goes on until Pause() or the body's end; true: it stands. The caller is on
  // a stack of its own and outside the arena.
  bool Resume();
  // From within the body, or an actor that runs for it: returns at the next
  // Resume().
  void Pause();

  // What Restore() will come back to: here, standing or not yet begun.
  // Internal: the host refuses; the timeline is of no use any more.
  absl::Status Save();
  void Restore();

 private:
  static void Main(void* timeline) noexcept;

  os::Kernel& kernel_;
  Arena* const arena_;
  std::function<void()> body_;
  std::unique_ptr<MachineState> state_;
  mm::StackPool stacks_;
  mm::Stack stack_;
  std::unique_ptr<mm::Fiber> runner_;
  mm::Fiber host_;               // where Resume() was called
  mm::Fiber* stands_ = nullptr;  // null: at an end
  mm::Fiber* saved_at_ = nullptr;
};

}  // namespace faultline::rewind

#endif  // FAULTLINE_PLUGIN_REWIND_TIMELINE_H_
