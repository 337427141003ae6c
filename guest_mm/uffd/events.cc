#include "guest_mm/uffd/events.h"

#include <algorithm>
#include <utility>

#include "guest_mm/mm/address_space.h"
#include "guest_mm/uffd/register.h"
#include "guest_mm/uffd/uffd_vma.h"

namespace faultline::mm {
namespace {

UffdMessage RangeMessage(UffdEventKind kind, GuestRange range) {
  UffdMessage message;
  message.kind = kind;
  message.start = range.start;
  message.end = range.end;
  return message;
}

}  // namespace

ErrnoOr<Done> UffdForkEvents::Dup(AddressSpace& child, Vma& copy) {
  if (!UffdHas(copy, kUffdEventFork)) {
    copy.uffd = nullptr;
    copy.flags = copy.flags.without(kUffdModes);
    return kDone;
  }
  const auto known =
      std::find_if(pairs_.begin(), pairs_.end(),
                   [&copy](const Pair& p) { return p.original == copy.uffd; });
  if (known != pairs_.end()) {
    copy.uffd = known->child;
    return kDone;
  }
  FL_ASSIGN(std::shared_ptr<UffdContext> made, copy.uffd->ForChild(child));
  pairs_.push_back({copy.uffd, made});
  copy.uffd->BeginChange();
  copy.uffd = std::move(made);
  return kDone;
}

void UffdForkEvents::Complete() {
  for (Pair& pair : pairs_) {
    UffdMessage message;
    message.kind = UffdEventKind::kFork;
    message.child = std::move(pair.child);
    pair.original->DeliverAndEndChange(std::move(message));
  }
  pairs_.clear();
}

void UffdForkEvents::Fail() {
  for (Pair& pair : pairs_) {
    pair.original->EndChange();
  }
  pairs_.clear();
}

void UffdRemapEvent::Prepare(Vma& moved) {
  if (UffdHas(moved, kUffdEventRemap)) {
    ctx_ = moved.uffd;
    ctx_->BeginChange();
  } else if (moved.uffd != nullptr) {
    DisarmInPlace(moved);
  }
}

void UffdRemapEvent::Complete(GuestAddr from, GuestAddr to, uint64_t length) {
  if (ctx_ == nullptr) {
    return;
  }
  UffdMessage message;
  message.kind = UffdEventKind::kRemap;
  message.start = from;
  message.end = to;
  message.length = length;
  std::exchange(ctx_, nullptr)->DeliverAndEndChange(std::move(message));
}

void UffdUnmapEvents::Prepare(const Vma& vma, GuestRange range) {
  const bool told_already = std::any_of(
      unmapped_.begin(), unmapped_.end(),
      [&](const Unmapped& u) { return u.ctx == vma.uffd && u.range == range; });
  if (UffdHas(vma, kUffdEventUnmap) && !told_already) {
    vma.uffd->BeginChange();
    unmapped_.push_back({vma.uffd, range});
  }
}

void UffdUnmapEvents::Complete() {
  for (const Unmapped& u : unmapped_) {
    u.ctx->DeliverAndEndChange(RangeMessage(UffdEventKind::kUnmap, u.range));
  }
  unmapped_.clear();
}

bool UffdRemove(Vma& vma, GuestRange range) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!UffdHas(vma, kUffdEventRemove)) {
    return true;
  }
  const std::shared_ptr<UffdContext> ctx = vma.uffd;
  ctx->BeginChange();
  vma.mm->mmap_lock().ReadRelease();
  ctx->DeliverAndEndChange(RangeMessage(UffdEventKind::kRemove, range));
  return false;
}

bool UffdForgetsOnMove(const Vma& vma) {
  return vma.uffd != nullptr && !vma.uffd->Has(kUffdEventRemap) &&
         vma.mm->system().behaviours().uffd_remap_wp() == UffdRemapWp::kCleared;
}

}  // namespace faultline::mm
