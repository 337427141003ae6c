#ifndef FAULTLINE_PLUGIN_ENGINE_KEPT_CODE_H_
#define FAULTLINE_PLUGIN_ENGINE_KEPT_CODE_H_

// KeptCode: what each frame held when instructions of it were last translated.
// Who puts memory back to an earlier moment puts back what we know of
// translations (Frame::executed), but not the engine's own; so before a frame
// is executed it is compared with what those that the engine may have were made
// from.
//
// Its own memory is none of what is put back.

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"

namespace faultline::engine {

class KeptCode {
 public:
  // For frames 0 to `frames` - 1 of `frame_bytes` each. ok() says whether the
  // host has the address space; of it, only what is used is memory.
  KeptCode(mm::PageCount frames, size_t frame_bytes);
  ~KeptCode();
  KeptCode(const KeptCode&) = delete;
  KeptCode& operator=(const KeptCode&) = delete;
  bool ok() const { return known_ != nullptr; }

  // The frame is about to be executed and holds `bytes`. False: the engine may
  // have translations of something else, which are to be dropped first.
  bool Matches(mm::Pfn frame, absl::Span<const std::byte> bytes);

 private:
  size_t total_;
  size_t frame_bytes_;
  uint8_t* known_ = nullptr;  // one for each frame
  std::byte* copies_ = nullptr;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_KEPT_CODE_H_
