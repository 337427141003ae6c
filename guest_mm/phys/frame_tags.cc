#include "guest_mm/phys/frame_tags.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "guest_mm/base/check.h"

namespace faultline::mm {
namespace {

// Both halves the same.
std::byte Twice(MemoryTag tag) { return std::byte(tag * 0x11); }

bool IsUpper(PhysAddr a) { return (a.value() & FrameTags::kGranule) != 0; }

std::byte* Reserve(size_t bytes) {
  void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  FL_CHECK(at != MAP_FAILED);
  return static_cast<std::byte*>(at);
}

}  // namespace

void FrameTags::Unmapper::operator()(std::byte* tags) const {
  munmap(tags, bytes);
}

FrameTags::FrameTags(uint64_t bytes, PageShift shift)
    : shift_(shift),
      tags_(Reserve(size_t(bytes >> kShift)),
            Unmapper{size_t(bytes >> kShift)}) {}

MemoryTag FrameTags::Get(PhysAddr a) const {
  const auto both = uint8_t(*At(a));
  return IsUpper(a) ? both >> 4 : both & 0xf;
}

void FrameTags::Set(PhysAddr a, MemoryTag tag) {
  const auto both = uint8_t(*At(a));
  *At(a) = IsUpper(a) ? std::byte((both & 0x0f) | tag << 4)
                      : std::byte((both & 0xf0) | tag);
}

void FrameTags::Fill(PhysAddr a, uint64_t bytes, MemoryTag tag) {
  FL_DCHECK(a.value() % kGranule == 0 && bytes % kGranule == 0);
  for (uint64_t i = 0; i < bytes; i += kGranule) {
    Set(a + i, tag);
  }
}

std::optional<MemoryTag> FrameTags::Uniform(PhysAddr a, uint64_t bytes) const {
  const std::byte* const tags = At(a);
  const size_t n = size_t(bytes >> kShift);
  const auto first = MemoryTag(uint8_t(*tags) & 0xf);
  if (*tags != Twice(first) || std::memcmp(tags, tags + 1, n - 1) != 0) {
    return std::nullopt;
  }
  return first;
}

absl::Span<std::byte> FrameTags::All(Pfn frame) const {
  return {At(frame.ToPhys(shift_)), shift_.bytes() >> kShift};
}

absl::Span<const std::byte> FrameTags::Of(Pfn frame) const {
  return All(frame);
}

void FrameTags::Clear(Pfn frame) {
  std::ranges::fill(All(frame), std::byte{0});
}

void FrameTags::Copy(Pfn to, Pfn from) { Store(to, All(from)); }

void FrameTags::Store(Pfn frame, absl::Span<const std::byte> tags) {
  FL_DCHECK(tags.size() == All(frame).size());
  std::ranges::copy(tags, All(frame).begin());
}

}  // namespace faultline::mm
