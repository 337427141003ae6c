#ifndef FAULTLINE_GUEST_MM_HUGETLB_ANON_FILE_H_
#define FAULTLINE_GUEST_MM_HUGETLB_ANON_FILE_H_

#include <cstdint>
#include <memory>

#include "guest_mm/file/mapped_file.h"
#include "guest_mm/hugetlb/huge_page_pool.h"

namespace faultline::mm {

class MemoryManager;

// The nameless file behind mmap(MAP_ANONYMOUS | MAP_HUGETLB), `bytes` long.
// Linux: hugetlb_file_setup() with HUGETLB_ANON_FILE.
std::shared_ptr<MappedFile> NewHugetlbAnonFile(MemoryManager& system,
                                               HugePagePool& pool,
                                               uint64_t bytes);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_ANON_FILE_H_
