#ifndef FAULTLINE_PLUGIN_ENGINE_CODE_ALIASES_H_
#define FAULTLINE_PLUGIN_ENGINE_CODE_ALIASES_H_

// CodeAliases: which frames the engine's TLB can fetch from and which it can
// store to unseen, at which addresses. Why it matters: code_coherence.cc.
//
// No frame may be fetched from through one entry and stored to through another
// at the same time (a JIT's two views of its code). Entries of one address
// replace each other and need no help.
//
// Frames are noted as they are filled; an entry dropped on its own is not noted
// as gone, which costs a needless flush at worst.

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "guest_mm/base/addr.h"

namespace faultline::engine {

class CodeAliases {
 public:
  explicit CodeAliases(mm::PageCount frames);

  // The TLB has been emptied.
  void Forget();

  // Notes an entry at `page` (the address of the frame's first byte) that may
  // fetch from `frame`. False, and nothing noted, if the frame can be stored to
  // at another address: the TLB has to be emptied first.
  bool AddFetch(mm::Pfn frame, uint64_t page);
  // Notes an entry at `page` that may store to `frame`.
  // `frame` cannot be fetched from at another address: it was not executed
  // since its instructions were last dropped, or the caller has dropped them.
  void AddStore(mm::Pfn frame, uint64_t page);

  // True if the TLB may hold an entry that fetches from `frame`.
  bool MayFetch(mm::Pfn frame) const {
    return fetched_.contains(frame.value());
  }

 private:
  static constexpr uint64_t kMany = 1;  // no page's address

  struct Stored {
    uint64_t page;   // kMany if there are several
    uint64_t epoch;  // noted if equal to epoch_
  };
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  uint64_t epoch_ = 1;
  // By frame number. Pages of it come into being as they are first touched: a
  // small program pays for what it uses.
  std::unique_ptr<Stored[], Free> stored_;
  absl::flat_hash_set<uint64_t> fetched_;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_CODE_ALIASES_H_
