#include "guest_mm/thp/find_table.h"

namespace faultline::mm {

ScanResult FindTable(const PageTable& table, GuestAddr a, EntryRef* r) {
  *r = table.Find(a, PagingGeometry::kHugeLevel);
  if (!*r) {
    return ScanResult::kPmdNull;
  }
  const Entry e = table.Get(*r);
  if (e.none()) {
    return ScanResult::kPmdNone;
  }
  return e.present()    ? ScanResult::kPmdMapped
         : e.is_table() ? ScanResult::kSucceed
                        : ScanResult::kPmdNull;
}

}  // namespace faultline::mm
