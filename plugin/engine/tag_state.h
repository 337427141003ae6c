#ifndef FAULTLINE_PLUGIN_ENGINE_TAG_STATE_H_
#define FAULTLINE_PLUGIN_ENGINE_TAG_STATE_H_

// What checks of memory tags remember within one entry of the engine
// (tag_check.cc, tag_window.cc).

#include <cstddef>
#include <cstdint>

namespace faultline::engine {

// Bytes that have been looked at and are yet to be accessed.
struct AskedAccess {
  static constexpr uint64_t kNoPage = ~uint64_t{0};

  unsigned load_bytes = 0, store_bytes = 0;
  uint64_t next_store = 0;
  // The page of the window that was filled for the access at hand, by which the
  // engine's program counter is known to be right.
  uint64_t known_pc = kNoPage;
};

// Where an instruction was looked at last.
struct CodePage {
  uint64_t va = 0;
  const std::byte* bytes = nullptr;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_TAG_STATE_H_
