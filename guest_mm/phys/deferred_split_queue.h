#ifndef FAULTLINE_GUEST_MM_PHYS_DEFERRED_SPLIT_QUEUE_H_
#define FAULTLINE_GUEST_MM_PHYS_DEFERRED_SPLIT_QUEUE_H_

// DeferredSplitQueue: huge folios of which a part was unmapped, oldest first.
// The rest keeps the whole in memory until want of memory has it split.
// Linux: struct deferred_split (mm/huge_memory.c deferred_split_folio()).
// Invariant: the members are the folios with `partially_mapped` set.

#include <list>

#include "absl/container/flat_hash_map.h"
#include "guest_mm/base/addr.h"

namespace faultline::mm {

class DeferredSplitQueue {
 public:
  // `head` must not be a member.
  void Add(Pfn head) {
    where_.emplace(head.value(), order_.insert(order_.end(), head));
  }
  // `head` must be a member.
  void Remove(Pfn head) {
    const auto it = where_.find(head.value());
    order_.erase(it->second);
    where_.erase(it);
  }
  bool Contains(Pfn head) const { return where_.contains(head.value()); }
  bool empty() const { return order_.empty(); }
  size_t size() const { return order_.size(); }
  // The one that has waited longest. Precondition: not empty.
  Pfn First() const { return order_.front(); }

 private:
  std::list<Pfn> order_;
  absl::flat_hash_map<uint64_t, std::list<Pfn>::iterator> where_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_DEFERRED_SPLIT_QUEUE_H_
