#ifndef FAULTLINE_GUEST_MM_SYNC_STACK_POOL_H_
#define FAULTLINE_GUEST_MM_SYNC_STACK_POOL_H_

// StackPool: stacks for fibers, each with a guard page under it so that an
// overflow is a crash on the spot and not a mystery elsewhere. A returned
// stack is kept for the next taker, up to kKept of them: a guest that forks
// thousands of short-lived processes maps a handful of stacks.
// Units: bytes of host memory. Pages are committed as they are touched.

#include <cstddef>
#include <vector>

namespace faultline::mm {

// Usable bytes [bottom, bottom + size); the guard page lies below `bottom`.
struct Stack {
  std::byte* bottom = nullptr;
  size_t size = 0;
  std::byte* top() const { return bottom + size; }
  explicit operator bool() const { return bottom != nullptr; }
};

class StackPool {
 public:
  // `bytes` of each stack, a multiple of the host's page size.
  explicit StackPool(size_t bytes) : bytes_(bytes) {}
  ~StackPool();  // unmaps the kept ones; those still given out stay mapped
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  // Makes the next Take() certain to succeed. False if the host refuses.
  bool Reserve();
  // A stack, its contents undefined; null if the host refuses.
  Stack Take();
  void Return(Stack stack);

  size_t kept() const { return kept_.size(); }
  size_t given_out() const { return given_out_; }

 private:
  // Enough that a shell's pipelines never map; 64 stacks' touched pages are a
  // few MiB.
  static constexpr size_t kKept = 64;

  Stack Map() const;
  void Unmap(Stack stack) const;

  size_t bytes_;
  size_t given_out_ = 0;
  std::vector<Stack> kept_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_STACK_POOL_H_
