#ifndef FAULTLINE_GUEST_MM_PHYS_FRAME_TAGS_H_
#define FAULTLINE_GUEST_MM_PHYS_FRAME_TAGS_H_

// FrameTags: the allocation tags of RAM, where hardware has them beside its
// data: four bits for each 16 bytes. Arm ARM, section D10 (Memory Tagging
// Extension). Whether a frame's tags mean anything is Frame::tagged's to say.
//
// They are host memory that comes when first written, a 32nd of what is tagged.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"

namespace faultline::mm {

using MemoryTag = uint8_t;  // 0 to 15

class FrameTags {
 public:
  static constexpr uint64_t kGranule = 16;

  // For `bytes` of RAM in frames of that size.
  FrameTags(uint64_t bytes, PageShift shift);

  MemoryTag Get(PhysAddr a) const;
  // Of the granule that holds `a`.
  void Set(PhysAddr a, MemoryTag tag);
  // Of all granules of [a, a + bytes), which begins and ends with one.
  void Fill(PhysAddr a, uint64_t bytes, MemoryTag tag);

  // The one tag of all granules of [a, a + bytes), a power of two at its own
  // alignment and at least 256; nothing if there are several.
  std::optional<MemoryTag> Uniform(PhysAddr a, uint64_t bytes) const;

  void Clear(Pfn frame);
  void Copy(Pfn to, Pfn from);
  // A frame's tags as they are stored: two to a byte, the lower address in the
  // low half.
  absl::Span<const std::byte> Of(Pfn frame) const;
  void Store(Pfn frame, absl::Span<const std::byte> tags);

 private:
  struct Unmapper {
    size_t bytes;
    void operator()(std::byte* tags) const;
  };
  static constexpr int kShift = 5;  // bytes of RAM for one of tags

  std::byte* At(PhysAddr a) const {
    return tags_.get() + (a.value() >> kShift);
  }
  absl::Span<std::byte> All(Pfn frame) const;

  PageShift shift_;
  std::unique_ptr<std::byte, Unmapper> tags_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_FRAME_TAGS_H_
