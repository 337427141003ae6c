// Every sequence of inserts, changes and removals that the fuzzer can think of
// against the model of one cell a page.

#include <cstddef>
#include <cstdint>

#include "tests/guest_mm/vma/vma_set_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  size_t at = 0;
  faultline::mm::VmaSetModel model([&](uint64_t n) {
    return at < size ? uint64_t{data[at++]} % n : uint64_t{0};
  });
  while (at < size) {
    model.Step();
  }
  return 0;
}
