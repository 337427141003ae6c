#ifndef FAULTLINE_GUEST_MM_PHYS_DMA_ENGINE_H_
#define FAULTLINE_GUEST_MM_PHYS_DMA_ENGINE_H_

// DmaEngine: the machine's direct memory access. It knows frames and nothing
// else: neither page tables nor their rights stand between it and a page that
// somebody has pinned for it, which is why pins exist. Linux: what lies behind
// submit_bio().
//
// An actor of its own ("dma"), made when first wanted. It takes the requests in
// the order they came and moves one segment at a time, coming to the point
// "dma.step" before each: there others may unmap, protect, share or reclaim the
// page that is about to change.

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::mm {

class PhysMem;

// The next segment is about to be moved.
inline constexpr PointSite kDmaStepPoint{"dma.step"};

// What is at the other end. Called by the engine's actor; must not wait.
class DmaDevice {
 public:
  virtual ~DmaDevice() = default;
  // All bytes from `at` on, or an error (kEIO, kENOSPC).
  virtual ErrnoOr<Done> Read(uint64_t at, absl::Span<std::byte> to) = 0;
  virtual ErrnoOr<Done> Write(uint64_t at,
                              absl::Span<const std::byte> from) = 0;
};

enum class DmaDirection : uint8_t { kToMemory, kFromMemory };

// A part of one page that the caller has pinned, and keeps pinned.
struct DmaSegment {
  Pfn page;
  uint32_t offset = 0;  // in bytes, within the page
  uint32_t length = 0;
};

// One transfer: segments, one after the other, from `at` on of the device.
struct DmaRequest {
  DmaDevice& device;
  const uint64_t at;
  const DmaDirection direction;
  std::vector<DmaSegment> segments = {};

  // The engine's, until Wait() returns: bytes moved, and why no more.
  uint64_t done = 0;
  Errno error = Errno::kOk;
  bool finished = false;
  WaitQueue wait{"dma"};
};

class DmaEngine {
 public:
  // `phys` outlives it.
  explicit DmaEngine(PhysMem& phys) : phys_(phys) {}
  DmaEngine(const DmaEngine&) = delete;
  DmaEngine& operator=(const DmaEngine&) = delete;

  // Queues `request`, which is the engine's until Wait() has returned. Without
  // a scheduler to run an actor on it is done at once.
  void Submit(DmaRequest& request);
  // Returns when it is finished. No signal ends that: the pages are not the
  // caller's to give back before.
  void Wait(DmaRequest& request);

  // Requests that wait or are being worked on.
  size_t pending() const { return queue_.size(); }

 private:
  void Run();
  void Perform(DmaRequest& request);
  ErrnoOr<Done> Move(DmaRequest& request, const DmaSegment& segment);

  PhysMem& phys_;
  std::deque<DmaRequest*> queue_;
  WaitQueue idle_{"dma.idle"};
  bool started_ = false;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_DMA_ENGINE_H_
