#ifndef FAULTLINE_GUEST_MM_MM_PROC_REPORT_H_
#define FAULTLINE_GUEST_MM_MM_PROC_REPORT_H_

// What /proc shows of memory, rendered byte for byte as Linux does
// (fs/proc/task_mmu.c, fs/proc/meminfo.c). Each takes mmap_lock for reading.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

std::string RenderMaps(AddressSpace& mm);
std::string RenderSmaps(AddressSpace& mm);
std::string RenderSmapsRollup(AddressSpace& mm);
// /proc/PID/numa_maps; `policy` is the task's ("default", "bind:0").
std::string RenderNumaMaps(AddressSpace& mm, std::string_view policy);
// The Vm* and Rss* lines of /proc/PID/status.
std::string RenderStatusVm(AddressSpace& mm);
// /proc/PID/statm.
std::string RenderStatm(AddressSpace& mm);
// /proc/PID/pagemap: one 64-bit word a page from page `first`, as many as
// `out` holds; returns how many lie below the end of user space.
size_t ReadPagemap(AddressSpace& mm, uint64_t first, absl::Span<uint64_t> out);
// /proc/meminfo.
std::string RenderMeminfo(MemoryManager& system);
// /proc/vmstat: the lines that something here counts.
std::string RenderVmstat(MemoryManager& system);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_PROC_REPORT_H_
