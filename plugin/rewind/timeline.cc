#include "plugin/rewind/timeline.h"

#include <utility>

#include "guest_mm/base/check.h"
#include "plugin/rewind/machine_state.h"

namespace faultline::rewind {

Timeline::Timeline(os::Kernel& kernel, Arena* arena, std::function<void()> body)
    : kernel_(kernel),
      arena_(arena),
      body_(std::move(body)),
      stacks_(mm::Scheduler::kStackBytes) {
  const InsideArena inside(arena_);
  stack_ = stacks_.Take();
  FL_CHECK(stack_);
  runner_ = std::make_unique<mm::Fiber>(stack_, &Timeline::Main, this);
  stands_ = runner_.get();
}

Timeline::~Timeline() {
  state_ = nullptr;
  const InsideArena inside(arena_);
  runner_ = nullptr;
  stacks_.Return(stack_);
}

void Timeline::Main(void* timeline) noexcept {
  auto& self = *static_cast<Timeline*>(timeline);
  self.body_();
  self.stands_ = nullptr;
  mm::Fiber::SwitchForGood(*self.runner_, self.host_);
}

bool Timeline::Resume() {
  FL_CHECK(stands_ != nullptr);
  const InsideArena inside(arena_);
  mm::Fiber::Switch(host_, *stands_);
  return stands_ != nullptr;
}

void Timeline::Pause() {
  mm::Fiber here;
  stands_ = &here;
  mm::Fiber::Switch(here, host_);
}

absl::Status Timeline::Save() {
  FL_CHECK(arena_ != nullptr && stands_ != nullptr);
  if (state_ == nullptr) {
    state_ = std::make_unique<MachineState>(kernel_, *arena_);
  }
  saved_at_ = stands_;
  return state_->Save();
}

void Timeline::Restore() {
  state_->Restore();
  stands_ = saved_at_;
}

}  // namespace faultline::rewind
