#include "plugin/engine/kernel_image.h"

#include <cstring>

#include "guest_mm/base/check.h"

extern "C" {
// images/kernel/embed.S
extern const std::byte faultline_kernel_x86[];
extern const std::byte faultline_kernel_x86_end[];
extern const std::byte faultline_kernel_arm64[];
extern const std::byte faultline_kernel_arm64_end[];
}

namespace faultline::engine {
namespace {

constexpr uint64_t kMagic = 0x4b454e494c544c46;

KernelImage Parse(const std::byte* begin, const std::byte* end) {
  uint64_t words[9];
  FL_CHECK(end - begin >= ptrdiff_t(sizeof words));
  std::memcpy(words, begin, sizeof words);
  FL_CHECK(words[0] == kMagic);
  const KernelImage image = {
      .bytes = absl::MakeConstSpan(begin, size_t(end - begin)),
      .base = words[1],
      .data = words[2],
      .end = words[3],
      .boot = words[4],
      .enter_user = words[5],
      .flush_pages = words[6],
      .gdt = words[7],
      .stack_top = words[8]};
  FL_CHECK(image.end - image.base == image.bytes.size());
  return image;
}

}  // namespace

const KernelImage& KernelImage::Of(Arch arch) {
  static const KernelImage x86 =
      Parse(faultline_kernel_x86, faultline_kernel_x86_end);
  static const KernelImage arm64 =
      Parse(faultline_kernel_arm64, faultline_kernel_arm64_end);
  return arch == Arch::kX86 ? x86 : arm64;
}

}  // namespace faultline::engine
