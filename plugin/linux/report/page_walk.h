#ifndef FAULTLINE_PLUGIN_LINUX_REPORT_PAGE_WALK_H_
#define FAULTLINE_PLUGIN_LINUX_REPORT_PAGE_WALK_H_

// Page tables as text: one address's walk, and a whole space's (--ptdump).

#include <string>

#include "guest_mm/mm/address_space.h"

namespace faultline::os {

// "page table: pgd table pfn:0x5 -> pud none": where the walk for `at` ends.
std::string DescribeWalk(const mm::AddressSpace& mm, mm::GuestAddr at);

// Every mapped stretch with its rights and size: neighbouring entries with the
// same flags and consecutive frames are one line.
std::string DumpPageTable(const mm::AddressSpace& mm);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_REPORT_PAGE_WALK_H_
