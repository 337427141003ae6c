#ifndef FAULTLINE_PLUGIN_ENGINE_CODE_ALIASES_H_
#define FAULTLINE_PLUGIN_ENGINE_CODE_ALIASES_H_

// CodeAliases: which frames the engine's TLB can fetch from and which it can
// store to, at which addresses.
//
// The engine drops a page's decoded instructions at the first store through a
// TLB entry and then lets stores through that entry pass unseen. That is right
// as long as the page is not decoded again meanwhile, which needs a fetch: so
// no frame may be fetched from through one entry and stored to through another
// at the same time (a JIT's two views of its code). Entries of one address
// replace each other and need no help.
//
// Frames are noted as they are filled; an entry dropped on its own is not noted
// as gone, which costs a needless flush at worst.

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "guest_mm/base/addr.h"

namespace faultline::engine {

class CodeAliases {
 public:
  explicit CodeAliases(mm::PageCount frames) : stored_(frames.value()) {}

  // The TLB has been emptied.
  void Forget();

  // Notes an entry at `page` (the address of the frame's first byte) that may
  // fetch from or store to `frame`. False, and nothing noted, if the TLB has to
  // be emptied first.
  bool AddFetch(mm::Pfn frame, uint64_t page);
  bool AddStore(mm::Pfn frame, uint64_t page);

  // True if the TLB may hold an entry that fetches from `frame`.
  bool MayFetch(mm::Pfn frame) const {
    return fetched_.contains(frame.value());
  }

 private:
  // Folds the address, tag included, into 32 bits; kMany if there are several.
  static uint32_t Fold(uint64_t page);
  static constexpr uint32_t kMany = 0;

  struct Stored {
    uint32_t epoch = 0;  // noted if equal to epoch_
    uint32_t page = 0;
  };
  uint32_t epoch_ = 1;
  std::vector<Stored> stored_;  // by frame number
  absl::flat_hash_map<uint64_t, uint32_t> fetched_;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_CODE_ALIASES_H_
