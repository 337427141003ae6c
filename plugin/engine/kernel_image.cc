#include "plugin/engine/kernel_image.h"

#include <algorithm>
#include <cstddef>

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

enum Word {
  kMagicWord,
  kBase,
  kData,
  kEnd,
  kExtableStart,
  kExtableEnd,
  kBoot,
  kEnterUser,
  kFlushPages,
  kGdt,
  kStackTop,
  kKernelReturn,
  kFirstRoutine,
};
constexpr size_t kWords = kFirstRoutine + size_t(KernelRoutine::kCount);

// The images are aligned (embed.S), and what is read here lies on words.
template <typename T>
absl::Span<const T> View(const std::byte* from, size_t count) {
  return {reinterpret_cast<const T*>(from), count};
}

KernelImage Parse(const std::byte* begin, const std::byte* end) {
  FL_CHECK(end - begin >= ptrdiff_t(kWords * sizeof(uint64_t)));
  const absl::Span<const uint64_t> words = View<uint64_t>(begin, kWords);
  FL_CHECK(words[kMagicWord] == kMagic);
  const KernelImage image = {
      .bytes = absl::MakeConstSpan(begin, size_t(end - begin)),
      .base = words[kBase],
      .data = words[kData],
      .end = words[kEnd],
      .boot = words[kBoot],
      .enter_user = words[kEnterUser],
      .flush_pages = words[kFlushPages],
      .gdt = words[kGdt],
      .stack_top = words[kStackTop],
      .kernel_return = words[kKernelReturn],
      .routines = words.subspan(kFirstRoutine),
      .exceptions = View<KernelImage::Exception>(
          begin + (words[kExtableStart] - words[kBase]),
          size_t(words[kExtableEnd] - words[kExtableStart]) /
              sizeof(KernelImage::Exception))};
  FL_CHECK(image.end - image.base == image.bytes.size());
  return image;
}

}  // namespace

const char* SymbolOf(KernelRoutine routine) {
  static constexpr const char* kSymbols[] = {
#define FAULTLINE_SYMBOL(name, symbol) #symbol,
      KERNEL_ROUTINES(FAULTLINE_SYMBOL)
#undef FAULTLINE_SYMBOL
  };
  return kSymbols[size_t(routine)];
}

uint64_t KernelImage::FixupOf(uint64_t pc) const {
  const auto* const found =
      std::ranges::find(exceptions, pc, &Exception::instruction);
  return found == exceptions.end() ? 0 : found->fixup;
}

const KernelImage& KernelImage::Of(Arch arch) {
  static const KernelImage x86 =
      Parse(faultline_kernel_x86, faultline_kernel_x86_end);
  static const KernelImage arm64 =
      Parse(faultline_kernel_arm64, faultline_kernel_arm64_end);
  return arch == Arch::kX86 ? x86 : arm64;
}

}  // namespace faultline::engine
