#include "guest_mm/mm/proc_maps.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/proc_report.h"

namespace faultline::mm {
namespace {

// Names begin one column after this: seq_setwidth(m, 25 + 6 * 8 - 1).
constexpr size_t kNameColumn = 72;

bool IsHeap(const AddressSpace& mm, const Vma& v) {
  return v.range.start < mm.brk && v.range.end > mm.start_brk;
}

bool IsStack(const AddressSpace& mm, const Vma& v) {
  return v.range.start <= mm.start_stack && v.range.end >= mm.start_stack;
}

}  // namespace

std::string VmaName(const AddressSpace& mm, const Vma& vma) {
  if (const MappedFile* file = vma.named_file(); file != nullptr) {
    if (!vma.anon_name.empty()) {
      return absl::StrCat("[anon_shmem:", vma.anon_name, "]");
    }
    return absl::StrReplaceAll(file->MapsName(), {{"\n", "\\012"}});
  }
  if (vma.special_name != nullptr) {
    return vma.special_name;
  }
  if (IsHeap(mm, vma)) {
    return "[heap]";
  }
  if (IsStack(mm, vma)) {
    return "[stack]";
  }
  return vma.anon_name.empty() ? std::string()
                               : absl::StrCat("[anon:", vma.anon_name, "]");
}

void AppendMapsLine(GuestRange range, std::string_view perms,
                    uint64_t file_offset, uint32_t dev_major,
                    uint32_t dev_minor, uint64_t ino, std::string_view name,
                    std::string* out) {
  const size_t line = out->size();
  absl::StrAppendFormat(out, "%08x-%08x %s %08x %02x:%02x %d ",
                        range.start.value(), range.end.value(), perms,
                        file_offset, dev_major, dev_minor, ino);
  if (!name.empty()) {
    const size_t width = out->size() - line;
    out->append(width < kNameColumn ? kNameColumn - width : 0, ' ');
    *out += ' ';
    *out += name;
  }
  *out += '\n';
}

void AppendMapsLine(const AddressSpace& mm, const Vma& vma, std::string* out) {
  const std::string perms =
      ToString(vma.prot()) + (vma.has(VmaFlag::kMayShare) ? 's' : 'p');
  const MappedFile* file = vma.named_file();
  AppendMapsLine(vma.range, perms,
                 file ? vma.pgoff << mm.page_shift().value() : 0,
                 file ? file->dev_major() : 0, file ? file->dev_minor() : 0,
                 file ? file->ino() : 0, VmaName(mm, vma), out);
}

std::string RenderMaps(AddressSpace& mm) {
  std::string out;
  ReadGuard guard(mm.mmap_lock());
  for (const Vma& v : mm.vmas()) {
    AppendMapsLine(mm, v, &out);
  }
  return out;
}

}  // namespace faultline::mm
