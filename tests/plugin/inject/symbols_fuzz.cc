// Symbols of files that may be anything.

#include <cstddef>
#include <cstdint>

#include "plugin/inject/symbols.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::Span<const std::byte> file(
      reinterpret_cast<const std::byte*>(data), size);
  const auto found = faultline::inject::FindSymbol(file, "main");
  (void)faultline::inject::ListFunctions(file);
  return found.has_value() && found->range.start > found->range.end ? 1 : 0;
}
