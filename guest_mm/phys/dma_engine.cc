#include "guest_mm/phys/dma_engine.h"

#include "guest_mm/base/check.h"
#include "guest_mm/phys/phys_mem.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {

void DmaEngine::Submit(DmaRequest& request) {
  Scheduler* const scheduler = Scheduler::Active();
  if (!started_ && scheduler != nullptr && Scheduler::Current() != nullptr &&
      scheduler->ReserveStack()) {
    started_ = true;
    scheduler->SpawnDaemon("dma", [this] { Run(); });
  }
  if (!started_) {
    Perform(request);
    return;
  }
  queue_.push_back(&request);
  idle_.WakeOne();
}

void DmaEngine::Wait(DmaRequest& request) {
  while (!request.finished) {
    (void)Scheduler::Active()->Wait(request.wait, Interruptible::kNo);
  }
}

void DmaEngine::Run() {
  for (;;) {
    while (!queue_.empty()) {
      Perform(*queue_.front());
      queue_.pop_front();
    }
    (void)Scheduler::Active()->Wait(idle_, Interruptible::kYes);
  }
}

void DmaEngine::Perform(DmaRequest& request) {
  for (const DmaSegment& segment : request.segments) {
    Scheduler::PointIfActive(kDmaStepPoint);
    const ErrnoOr<Done> moved = Move(request, segment);
    if (!moved.ok()) {
      request.error = moved.error();
      break;
    }
    request.done += segment.length;
  }
  request.finished = true;
  request.wait.WakeAll();
}

ErrnoOr<Done> DmaEngine::Move(DmaRequest& request, const DmaSegment& segment) {
  FL_CHECK(segment.offset + segment.length <= phys_.page_shift().bytes());
  std::byte* const bytes = phys_.Data(segment.page) + segment.offset;
  const uint64_t at = request.at + request.done;
  if (request.direction == DmaDirection::kFromMemory) {
    return request.device.Write(at, {bytes, segment.length});
  }
  const ErrnoOr<Done> read = request.device.Read(at, {bytes, segment.length});
  phys_.WroteByHost(segment.page);
  return read;
}

}  // namespace faultline::mm
