#ifndef FAULTLINE_PLUGIN_LINUX_LOADER_MAP_IMAGE_H_
#define FAULTLINE_PLUGIN_LINUX_LOADER_MAP_IMAGE_H_

// Maps a checked ELF image's segments into an address space, with guest_mm's
// mmap and nothing else. Linux: elf_load(), elf_map(), padzero().

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "guest_mm/file/mapped_file.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/linux/loader/elf_image.h"

namespace faultline::os {

class KernelCode;

struct MappedImage {
  uint64_t bias = 0;   // what was added to every address in the file
  uint64_t start = 0;  // first page
  uint64_t end = 0;    // page-rounded end, zeros included
  uint64_t brk = 0;    // end of the last segment's memory
  uint64_t start_code = 0, end_code = 0, start_data = 0, end_data = 0;
};

// `base`: where a position-independent image is to start; absent: wherever
// mmap puts it. A LoadError() (kENOMEM, kEEXIST, kEFAULT) leaves a part mapped:
// the caller throws the address space away.
absl::StatusOr<MappedImage> MapImage(KernelCode& code, mm::AddressSpace& mm,
                                     const ElfImage& image,
                                     std::shared_ptr<mm::MappedFile> file,
                                     std::optional<uint64_t> base);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_LOADER_MAP_IMAGE_H_
