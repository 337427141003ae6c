#ifndef FAULTLINE_GUEST_MM_FILE_PAGE_INDEX_H_
#define FAULTLINE_GUEST_MM_FILE_PAGE_INDEX_H_

// PageIndex: the frames of one file by page number, in order. Linux: the
// xarray i_pages. Pages come in groups of 64 with one presence word each, so
// neighbours cost no search, and a sparse file costs no more than its groups.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "guest_mm/base/addr.h"
#include "guest_mm/sync/footprint.h"

namespace faultline::mm {

class PageIndex {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Null if absent; good until the next Insert or Erase.
  const Pfn* Find(uint64_t index) const {
    NoteRead(this);
    const Group* g = GroupOf(index);
    return g != nullptr && (g->present >> (index % 64) & 1) != 0
               ? &g->pfn[index % 64]
               : nullptr;
  }
  // The page must be absent.
  void Insert(uint64_t index, Pfn pfn) {
    NoteWrite(this);
    Group& g = groups_[index / 64];
    g.present |= uint64_t{1} << (index % 64);
    g.pfn[index % 64] = pfn;
    ++size_;
  }
  // The page must be present.
  void Erase(uint64_t index) {
    NoteWrite(this);
    const auto it = groups_.find(index / 64);
    it->second.present &= ~(uint64_t{1} << (index % 64));
    --size_;
    if (it->second.present == 0) {
      if (last_ == &it->second) {
        last_ = nullptr;
      }
      groups_.erase(it);
    }
  }

  struct Item {
    uint64_t index;
    Pfn pfn;
  };
  // The first page present at or after `index`. A walk calls it again with the
  // last index plus one, and so survives changes in between.
  std::optional<Item> NextFrom(uint64_t index) const {
    NoteRead(this);
    auto it = groups_.lower_bound(index / 64);
    if (it == groups_.end()) {
      return std::nullopt;
    }
    uint64_t present = it->second.present;
    if (it->first == index / 64) {
      present &= ~uint64_t{0} << (index % 64);
      if (present == 0) {
        if (++it == groups_.end()) {
          return std::nullopt;
        }
        present = it->second.present;
      }
    }
    const auto slot = unsigned(std::countr_zero(present));
    return Item{it->first * 64 + slot, it->second.pfn[slot]};
  }

 private:
  struct Group {
    uint64_t present = 0;
    std::array<Pfn, 64> pfn;
  };

  const Group* GroupOf(uint64_t index) const {
    if (last_ == nullptr || last_number_ != index / 64) {
      NoteWrite(this);
      const auto it = groups_.find(index / 64);
      if (it == groups_.end()) {
        return nullptr;
      }
      last_ = &it->second;
      last_number_ = it->first;
    }
    return last_;
  }

  std::map<uint64_t, Group> groups_;
  size_t size_ = 0;
  mutable const Group* last_ = nullptr;  // pages are asked for in runs
  mutable uint64_t last_number_ = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FILE_PAGE_INDEX_H_
