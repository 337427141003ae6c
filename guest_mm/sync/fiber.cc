#include "guest_mm/sync/fiber.h"

#include <boost/context/detail/fcontext.hpp>

#include "guest_mm/base/check.h"
#include "guest_mm/sync/sanitizer.h"

namespace faultline::mm {

using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

// What the fiber left behind tells the one continued. It lies on the stack of
// the former, which stands still for as long as it is read.
struct Fiber::Transfer {
  Fiber* from;
  Fiber* to;
};

struct Fiber::Arrival {
  static void Finish(transfer_t t) {
    const Transfer transfer = *static_cast<Transfer*>(t.data);
    transfer.from->context_ = t.fctx;
    const void* old_bottom = nullptr;
    size_t old_size = 0;
    SanitizerArrive(transfer.to->fake_stack_, &old_bottom, &old_size);
    // Nobody told us the bounds of the thread's own stack; leaving it does.
    transfer.from->asan_bottom_ = old_bottom;
    transfer.from->asan_size_ = old_size;
  }

  static void Start(transfer_t t) noexcept {
    Fiber* self = static_cast<Transfer*>(t.data)->to;
    Finish(t);
    self->entry_(self->arg_);
    FL_CHECK(false);  // an entry does not return
  }
};

Fiber::Fiber(Stack stack, Entry entry, void* arg)
    : context_(make_fcontext(stack.top(), stack.size, &Arrival::Start)),
      stack_(stack),
      entry_(entry),
      arg_(arg),
      asan_bottom_(stack.bottom),
      asan_size_(stack.size) {}

void Fiber::Switch(Fiber& from, Fiber& to) {
  Transfer transfer{&from, &to};
  SanitizerLeave(&from.fake_stack_, to.asan_bottom_, to.asan_size_);
  Arrival::Finish(jump_fcontext(to.context_, &transfer));
}

void Fiber::SwitchForGood(Fiber& from, Fiber& to) {
  Transfer transfer{&from, &to};
  SanitizerLeave(nullptr, to.asan_bottom_, to.asan_size_);
  jump_fcontext(to.context_, &transfer);
  FL_CHECK(false);
  __builtin_unreachable();
}

}  // namespace faultline::mm
