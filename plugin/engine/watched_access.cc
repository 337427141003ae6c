// Loads and stores of who is watched. The engine tells the physical address
// only, so what was asked of the TLB is remembered. Where a frame is at two
// pages at once, the registers say which was meant.

#include <algorithm>

#include "guest_mm/mm/address_space.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/frame_window.h"
#include "plugin/engine/watching.h"

namespace faultline::engine {
namespace {

constexpr uint64_t kPageMask = kEnginePageBytes - 1;

}  // namespace

void Watching::SeeFill(uint64_t va, uint64_t physical) {
  if (!hooks_accesses_ && !wants_accesses_) {
    return;
  }
  const uint64_t page =
      cpu_.port.arch_ops().Untag(mm::GuestAddr(va)).value() & ~kPageMask;
  const uint64_t frame = physical & ~kPageMask;
  const auto it = frame_at_.find(page);
  if (it != frame_at_.end()) {
    if (it->second == frame) {
      return;
    }
    FillForgotten(page);
  }
  seen_[frame].push_back(page);
  frame_at_[page] = frame;
}

void Watching::FillForgotten(uint64_t page) {
  const auto it = frame_at_.find(page);
  if (it != frame_at_.end()) {
    std::erase(seen_[it->second], page);
    frame_at_.erase(it);
  }
}

// The engine's order: a load is told once it has been made, a store just before
// it is, and that may come to nothing if it goes on into a page that faults or
// is of its own block. So what was last told waits until something follows.
void Watching::SeeAccess(uint64_t physical, uint32_t bytes, bool store,
                         uint64_t value) {
  if (paused_ || current_ == nullptr || !current_->insns[index_].accesses) {
    return;
  }
  if (physical >= kTagCheckedPhys && physical < kKernelMemoryPhys) {
    physical -= kTagCheckedPhys;
  }
  // What is 16 bytes to the guest, and to newer engines, is two halves to this.
  const WatchedInsn& insn = current_->insns[index_];
  if (pending_.has_value() && insn.joins && pending_->bytes == bytes &&
      bytes >= 4 && pending_->store == store &&
      pending_->physical.value() + bytes == physical) {
    pending_->bytes *= 2;
    if (bytes == 8) {
      pending_->value[1] = value;
    } else {
      pending_->value[0] |= value << 32;
    }
    FinishAccess();
    return;
  }
  FinishAccess();
  if (bytes < 8) {
    value &= (uint64_t{1} << 8 * bytes) - 1;
  }
  pending_ = WatchedAccess{AddressOf(physical, insn),
                           mm::PhysAddr(physical),
                           bytes,
                           store,
                           {value, 0}};
}

void Watching::FinishAccess() {
  if (pending_.has_value()) {
    const WatchedAccess access = *pending_;
    pending_.reset();
    watch_.OnAccess(*current_, index_, access);
  }
}

uint64_t Watching::AddressOf(uint64_t physical, const WatchedInsn& insn) const {
  const auto it = seen_.find(physical & ~kPageMask);
  if (it == seen_.end() || it->second.empty()) {
    return 0;  // not user memory: a descriptor that a segment load reads
  }
  const uint64_t offset = physical & kPageMask;
  const std::vector<uint64_t>& pages = it->second;
  if (pages.size() > 1) {
    // An instruction reaches 64 bytes on at most from where it begins.
    constexpr uint64_t kReach = 64;
    for (const uint64_t start : watch_.OperandsOf(*current_, insn)) {
      for (const uint64_t page : pages) {
        if ((page | offset) - start < kReach) {
          return page | offset;
        }
      }
    }
  }
  return pages.back() | offset;
}

}  // namespace faultline::engine
