#ifndef FAULTLINE_GUEST_MM_HUGETLB_REGION_MAP_H_
#define FAULTLINE_GUEST_MM_HUGETLB_REGION_MAP_H_

// RegionMap: a set of huge pages, by number, as the regions that reservations
// are kept in. Linux: struct resv_map, mm/hugetlb.c region_add() and its kin.
//
// Of a file it says what is reserved or there already. Of a private mapping it
// says the opposite: of which pages the reservation has been used up.
// Invariant: regions neither touch nor overlap.

#include <cstdint>
#include <map>

namespace faultline::mm {

class RegionMap {
 public:
  // How many pages of [from, to) are not in it (region_chg()).
  uint64_t Missing(uint64_t from, uint64_t to) const {
    return to - from - Count(from, to);
  }
  // How many are (region_count()).
  uint64_t Count(uint64_t from, uint64_t to) const;
  // Puts them in; returns how many were not (region_add()).
  uint64_t Add(uint64_t from, uint64_t to);
  // Takes them out; returns how many were in (region_del()).
  uint64_t Remove(uint64_t from, uint64_t to);
  bool empty() const { return ends_.empty(); }

 private:
  std::map<uint64_t, uint64_t> ends_;  // by start
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_REGION_MAP_H_
