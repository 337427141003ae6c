#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_FAKE_TLB_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_FAKE_TLB_H_

// FakeTlb: a TLB that never forgets unless told to, the worst that hardware
// may do. It records the flushes asked for and can say whether what it still
// holds is true.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "guest_mm/mm/address_space.h"
#include "guest_mm/tlb.h"

namespace faultline::mm {

class FakeTlb : public Tlb {
 public:
  struct Flush {
    uint64_t mm_id;
    GuestRange range;
    bool operator==(const Flush&) const = default;
  };
  std::vector<Flush> flushes;
  std::vector<Pfn> code_flushes;

  void FlushRange(const AddressSpace& mm, GuestRange range) override {
    flushes.push_back({mm.id(), range});
    auto it = cached_.lower_bound({mm.id(), range.start});
    while (it != cached_.end() && it->first.first == mm.id() &&
           it->first.second < range.end) {
      it = cached_.erase(it);
    }
  }
  void FlushMm(const AddressSpace& mm) override {
    FlushRange(mm, {GuestAddr(0), GuestAddr(~uint64_t{0})});
  }
  void FlushCode(Pfn frame) override { code_flushes.push_back(frame); }

  // As a CPU does: uses what is cached if that allows the access, else walks.
  // Nothing if the walk refuses.
  std::optional<Pfn> Lookup(AddressSpace& mm, GuestAddr a, Access access,
                            Mode mode = Mode::kUser) {
    const auto key = std::pair(mm.id(), a.PageDown(mm.page_shift()));
    const auto it = cached_.find(key);
    if (it != cached_.end()) {
      const PageTable::Translation& t = it->second;
      if (access == Access::kRead || (access == Access::kWrite && t.write) ||
          (access == Access::kExec && t.exec)) {
        return t.pfn;
      }
    }
    PageTable::Translation t;
    if (!mm.page_table().Translate(a, access, mode, &t, nullptr)) {
      return std::nullopt;
    }
    cached_[key] = t;
    return t.pfn;
  }

  size_t size() const { return cached_.size(); }

  // Holds at every moment, whatever the locks.
  bool NoneLeadsToAFreeFrame(const PhysMem& phys) const {
    return std::none_of(cached_.begin(), cached_.end(), [&](const auto& c) {
      return phys.frame(c.second.pfn).use == FrameUse::kFree;
    });
  }

  // Every translation held agrees with the tables of its space.
  bool IsTrueOf(AddressSpace& mm) const {
    for (const auto& [key, t] : cached_) {
      if (key.first != mm.id()) {
        continue;
      }
      const EntryRef ref = mm.page_table().Walk(key.second);
      const Entry e = mm.page_table().Get(ref);
      const uint64_t in_page =  // of a huge page, which one of its pages
          (key.second - ref.address) >> mm.page_shift().value();
      if (!e.present() || e.prot_none() || e.pfn() + in_page != t.pfn ||
          (t.write && !e.write()) ||
          (t.exec && !e.flags.has(EntryFlag::kExec))) {
        return false;
      }
    }
    return true;
  }

 private:
  std::map<std::pair<uint64_t, GuestAddr>, PageTable::Translation> cached_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_FAKE_TLB_H_
