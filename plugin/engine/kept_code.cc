#include "plugin/engine/kept_code.h"

#include <sys/mman.h>

#include <cstring>

namespace faultline::engine {

KeptCode::KeptCode(mm::PageCount frames, size_t frame_bytes)
    : total_(size_t(frames.value())), frame_bytes_(frame_bytes) {
  void* const map =
      mmap(nullptr, total_ * (frame_bytes_ + 1), PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map != MAP_FAILED) {
    copies_ = static_cast<std::byte*>(map);
    known_ = reinterpret_cast<uint8_t*>(copies_ + total_ * frame_bytes_);
  }
}

KeptCode::~KeptCode() {
  if (copies_ != nullptr) {
    munmap(copies_, total_ * (frame_bytes_ + 1));
  }
}

bool KeptCode::Matches(mm::Pfn frame, absl::Span<const std::byte> bytes) {
  std::byte* const copy = copies_ + frame.value() * frame_bytes_;
  uint8_t& known = known_[frame.value()];
  const bool fresh = known == 0;
  if (!fresh && std::memcmp(copy, bytes.data(), frame_bytes_) == 0) {
    return true;
  }
  std::memcpy(copy, bytes.data(), frame_bytes_);
  known = 1;
  return fresh;
}

}  // namespace faultline::engine
