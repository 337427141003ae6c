#include "plugin/rewind/checkpoint.h"

#include <sys/mman.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "guest_mm/base/check.h"

namespace faultline::rewind {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kBlock = 1024;         // pages of room for copies at a time
constexpr size_t kMostPages = 1 << 22;  // 16 GiB of them

constinit Checkpoint* active = nullptr;
constinit struct sigaction before = {};
// Stacks may be watched, too.
alignas(16) constinit std::byte handler_stack[64 * 1024] = {};
constinit stack_t stack_before = {};

}  // namespace

Checkpoint::~Checkpoint() {
  if (saved_) {
    for (const Region& r : regions_) {
      mprotect(r.start, r.watched, PROT_READ | PROT_WRITE);
    }
    sigaction(SIGSEGV, &before, nullptr);
    sigaltstack(&stack_before, nullptr);
    active = nullptr;
  }
  for (std::byte* const block : blocks_) {
    munmap(block, kBlock * kPage);
  }
}

void Checkpoint::Add(std::byte* start, size_t bytes) {
  FL_CHECK(reinterpret_cast<uintptr_t>(start) % kPage == 0);
  const size_t whole = (bytes + kPage - 1) / kPage * kPage;
  for (Region& r : regions_) {
    if (r.start == start) {
      r.bytes = std::max(r.bytes, whole);
      return;
    }
  }
  regions_.push_back({start, whole});
}

bool Checkpoint::Save() {
  if (!saved_ && !Begin()) {
    return false;
  }
  for (const Page& p : hot_) {
    std::memcpy(p.saved, p.at, kPage);
  }
  for (Region& r : regions_) {
    const size_t more = r.bytes - r.watched;
    if (more != 0 && mprotect(r.start + r.watched, more, PROT_READ) != 0) {
      return false;
    }
    r.watched = r.bytes;
  }
  return true;
}

bool Checkpoint::Begin() {
  FL_CHECK(active == nullptr);
  hot_.reserve(kMostPages);  // nothing is allocated in a signal handler
  blocks_.reserve(kMostPages / kBlock + 1);
  const stack_t stack = {
      .ss_sp = handler_stack, .ss_flags = 0, .ss_size = sizeof handler_stack};
  if (sigaltstack(&stack, &stack_before) != 0) {
    return false;
  }
  struct sigaction action = {};
  action.sa_sigaction = [](int signal, siginfo_t* info, void* context) {
    OnFault(signal, info, context);
  };
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGSEGV, &action, &before) != 0) {
    return false;
  }
  active = this;
  saved_ = true;
  return true;
}

void Checkpoint::OnFault(int signal, void* info, void*) {
  auto* const at =
      static_cast<std::byte*>(static_cast<siginfo_t*>(info)->si_addr);
  if (active == nullptr || !active->Remember(at)) {
    // None of ours: as if we had not been here, at the next try.
    sigaction(signal, &before, nullptr);
  }
}

bool Checkpoint::Remember(std::byte* at) {
  for (const Region& r : regions_) {
    if (at < r.start || at >= r.start + r.watched) {
      continue;
    }
    std::byte* const page = r.start + size_t(at - r.start) / kPage * kPage;
    std::byte* const copy = NextCopy();
    if (copy == nullptr || hot_.size() == kMostPages) {
      return false;
    }
    std::memcpy(copy, page, kPage);
    hot_.push_back({page, copy});
    return mprotect(page, kPage, PROT_READ | PROT_WRITE) == 0;
  }
  return false;
}

std::byte* Checkpoint::NextCopy() {
  if (copies_left_ == 0) {
    void* const block = mmap(nullptr, kBlock * kPage, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
      return nullptr;
    }
    copies_ = static_cast<std::byte*>(block);
    copies_left_ = kBlock;
    blocks_.push_back(copies_);
  }
  --copies_left_;
  std::byte* const copy = copies_;
  copies_ += kPage;
  return copy;
}

void Checkpoint::Restore() {
  for (const Page& p : hot_) {
    std::memcpy(p.at, p.saved, kPage);
  }
}

}  // namespace faultline::rewind
