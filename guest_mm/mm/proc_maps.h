#ifndef FAULTLINE_GUEST_MM_MM_PROC_MAPS_H_
#define FAULTLINE_GUEST_MM_MM_PROC_MAPS_H_

// The line of /proc/PID/maps, which smaps and numa_maps begin with too.

#include <string>
#include <string_view>

#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// "/bin/true", "[heap]", "[anon:name]", or nothing (get_vma_name()). A newline
// in a path is shown as \012.
std::string VmaName(const AddressSpace& mm, const Vma& vma);

// "start-end perms offset dev inode      name\n", names aligned
// (show_map_vma()).
void AppendMapsLine(const AddressSpace& mm, const Vma& vma, std::string* out);

// The same for what is no single VMA: the header of smaps_rollup.
void AppendMapsLine(GuestRange range, std::string_view perms,
                    uint64_t file_offset, uint32_t dev_major,
                    uint32_t dev_minor, uint64_t ino, std::string_view name,
                    std::string* out);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_PROC_MAPS_H_
