#include "plugin/linux/loader/map_image.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "guest_mm/calls/calls.h"
#include "plugin/linux/loader/load_error.h"
#include "plugin/linux/user_memory.h"

namespace faultline::os {
namespace {

using mm::GuestAddr;

absl::Status MapError(Errno error, const ElfSegment& s) {
  if (error == Errno::kENOMEM) {
    return LoadError(error,
                     absl::StrFormat("too little memory for the segment at "
                                     "0x%x (%d bytes)",
                                     s.vaddr, s.memory_size));
  }
  return LoadError(error, absl::StrFormat("the segment at 0x%x cannot be "
                                          "mapped: %s",
                                          s.vaddr, ErrnoName(error)));
}

// Finds room for a position-independent image: maps its whole extent, then
// gives it back. Nothing else runs in this address space meanwhile.
ErrnoOr<uint64_t> FindRoom(mm::AddressSpace& mm, uint64_t bytes,
                           uint64_t align) {
  const uint64_t page = mm.page_shift().bytes();
  const uint64_t slack = align > page ? align : 0;
  mm::MmapRequest r;
  r.length = bytes + slack;
  r.flags = mm::kMapPrivate | mm::kMapAnonymous | mm::kMapNoReserve;
  FL_ASSIGN(GuestAddr at, mm::Mmap(mm, r));
  FL_TRY(mm::Munmap(mm, at, r.length));
  return slack == 0 ? at.value() : at.AlignUp(align).value();
}

ErrnoOr<Done> MapFilePart(mm::AddressSpace& mm, const ElfSegment& s,
                          uint64_t bias,
                          const std::shared_ptr<mm::MappedFile>& file) {
  const uint64_t offset = s.vaddr & mm.page_shift().mask();
  mm::MmapRequest r;
  r.hint = GuestAddr(bias + s.vaddr - offset);
  r.length = s.file_size + offset;
  r.prot = s.prot.bits();
  // Segments may share a page; the address space is new and holds nothing else.
  r.flags = mm::kMapPrivate | mm::kMapFixed;
  r.file = file;
  r.pgoff = (s.offset - offset) >> mm.page_shift().value();
  FL_TRY(mm::Mmap(mm, r));
  return kDone;
}

// The zeros beyond the file's bytes: the rest of the last page, to its end even
// where the segment ends earlier (a dynamic linker takes its first memory from
// there), then whole pages. Linux: fs/binfmt_elf.c, padzero().
ErrnoOr<Done> MapZeros(KernelCode& code, mm::AddressSpace& mm,
                       const ElfSegment& s, uint64_t bias) {
  const auto shift = mm.page_shift();
  const GuestAddr zero_start(bias + s.file_end());
  const GuestAddr zero_end(bias + s.memory_end());
  const GuestAddr page_start =
      s.file_size == 0 ? zero_start.PageDown(shift) : zero_start.PageUp(shift);
  if (s.file_size != 0 && s.prot.write() && zero_start < page_start) {
    const uint64_t rest = page_start - zero_start;
    if (UserMemory(code, mm).Clear(zero_start.value(), rest) != 0) {
      return Errno::kEFAULT;
    }
  }
  if (page_start < zero_end) {
    mm::MmapRequest r;
    r.hint = page_start;
    r.length = zero_end.PageUp(shift) - page_start;
    r.prot = 3u | (s.prot.exec() ? 4u : 0u);
    r.flags = mm::kMapPrivate | mm::kMapAnonymous | mm::kMapFixed;
    FL_TRY(mm::Mmap(mm, r));
  }
  return kDone;
}

void NoteSegment(MappedImage& out, const ElfSegment& s) {
  const uint64_t start = out.bias + s.vaddr;
  const uint64_t file_end = out.bias + s.file_end();
  out.start_data = std::max(out.start_data, start);
  if (s.prot.exec()) {
    out.start_code = std::min(out.start_code, start);
    out.end_code = std::max(out.end_code, file_end);
  }
  out.end_data = std::max(out.end_data, file_end);
  out.brk = std::max(out.brk, out.bias + s.memory_end());
}

}  // namespace

absl::StatusOr<MappedImage> MapImage(KernelCode& code, mm::AddressSpace& mm,
                                     const ElfImage& image,
                                     std::shared_ptr<mm::MappedFile> file,
                                     std::optional<uint64_t> base) {
  const uint64_t page = mm.page_shift().bytes();
  const uint64_t first = image.first_page(page);
  const uint64_t extent = image.end_page(page) - first;
  MappedImage out;
  out.start_code = ~uint64_t{0};
  if (image.position_independent) {
    if (base.has_value()) {
      const uint64_t align = std::max(image.align, page);
      out.bias = (*base & ~(align - 1)) - first;
    } else {
      auto room = FindRoom(mm, extent, image.align);
      if (!room.ok()) {
        return MapError(room.error(), image.segments.front());
      }
      out.bias = *room - first;
    }
  }
  out.start = out.bias + first;
  out.end = out.start + extent;
  const uint64_t limit = mm.system().arch().layout().user_end.value();
  if (out.start > limit || extent > limit - out.start) {
    return MapError(Errno::kENOMEM, image.segments.front());
  }
  for (const ElfSegment& s : image.segments) {
    auto mapped = s.file_size == 0 ? ErrnoOr<Done>(kDone)
                                   : MapFilePart(mm, s, out.bias, file);
    if (mapped.ok() && s.memory_size > s.file_size) {
      mapped = MapZeros(code, mm, s, out.bias);
    }
    if (!mapped.ok()) {
      return MapError(mapped.error(), s);
    }
    NoteSegment(out, s);
  }
  return out;
}

}  // namespace faultline::os
