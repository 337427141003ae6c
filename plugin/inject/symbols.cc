#include "plugin/inject/symbols.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace faultline::inject {
namespace {

constexpr uint64_t kPage = 4096;

// The file, every access checked.
class Image {
 public:
  explicit Image(absl::Span<const std::byte> bytes) : bytes_(bytes) {}

  template <typename T>
  std::optional<T> At(uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) {
      return std::nullopt;
    }
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }
  // The nth of an array.
  template <typename T>
  std::optional<T> Nth(uint64_t table, uint64_t n) const {
    const uint64_t most = bytes_.size() / sizeof(T);
    return n > most || table > bytes_.size() ? std::nullopt
                                             : At<T>(table + n * sizeof(T));
  }
  // Whether the string at `offset` is `name`.
  bool Names(uint64_t offset, std::string_view name) const {
    if (offset > bytes_.size() || bytes_.size() - offset <= name.size()) {
      return false;
    }
    const std::byte* const at = bytes_.data() + offset;
    return std::memcmp(at, name.data(), name.size()) == 0 &&
           at[name.size()] == std::byte{0};
  }
  // The string at `offset`; "" if it has no end.
  std::string String(uint64_t offset) const {
    const std::string_view all(reinterpret_cast<const char*>(bytes_.data()),
                               bytes_.size());
    const size_t end = all.find('\0', offset);
    return offset >= all.size() || end == all.npos
               ? std::string()
               : std::string(all.substr(offset, end - offset));
  }

 private:
  absl::Span<const std::byte> bytes_;
};

// Calls `use` with the table of symbols and the header of their names, first
// of all functions, then of those for others; until it says that it is enough.
template <typename Use>
void ForEachTable(const Image& image, const Elf64_Ehdr& header, Use use) {
  for (const unsigned wanted : {SHT_SYMTAB, SHT_DYNSYM}) {
    for (uint64_t i = 0; i < header.e_shnum; ++i) {
      const auto table = image.Nth<Elf64_Shdr>(header.e_shoff, i);
      if (!table.has_value() || table->sh_type != wanted) {
        continue;
      }
      const auto strings =
          image.Nth<Elf64_Shdr>(header.e_shoff, table->sh_link);
      if (strings.has_value() && use(*table, strings->sh_offset)) {
        return;
      }
    }
  }
}

std::optional<Elf64_Ehdr> HeaderOf(const Image& image) {
  const auto header = image.At<Elf64_Ehdr>(0);
  if (!header.has_value() ||
      std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64) {
    return std::nullopt;
  }
  return header;
}

bool IsCode(const Elf64_Sym& s) {
  const unsigned type = ELF64_ST_TYPE(s.st_info);
  return s.st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_NOTYPE);
}

// The first address above `start` where another function begins.
uint64_t NextAfter(const Image& image, const Elf64_Shdr& table,
                   uint64_t start) {
  uint64_t next = start + 1;
  bool found = false;
  for (uint64_t i = 0; i < table.sh_size / sizeof(Elf64_Sym); ++i) {
    const auto s = image.Nth<Elf64_Sym>(table.sh_offset, i);
    if (!s.has_value()) {
      break;
    }
    if (IsCode(*s) && s->st_value > start && (!found || s->st_value < next)) {
      next = s->st_value;
      found = true;
    }
  }
  return next;
}

std::optional<SymbolRange> FindIn(const Image& image, const Elf64_Shdr& table,
                                  uint64_t strings, std::string_view name) {
  for (uint64_t i = 0; i < table.sh_size / sizeof(Elf64_Sym); ++i) {
    const auto s = image.Nth<Elf64_Sym>(table.sh_offset, i);
    if (!s.has_value()) {
      break;
    }
    if (IsCode(*s) && strings + s->st_name >= strings &&
        image.Names(strings + s->st_name, name)) {
      const uint64_t end = s->st_size != 0
                               ? s->st_value + s->st_size
                               : NextAfter(image, table, s->st_value);
      return SymbolRange{s->st_value, std::max(end, s->st_value)};
    }
  }
  return std::nullopt;
}

uint64_t FirstPage(const Image& image, const Elf64_Ehdr& header) {
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto p = image.Nth<Elf64_Phdr>(header.e_phoff, i);
    if (p.has_value() && p->p_type == PT_LOAD) {
      return p->p_vaddr & ~(kPage - 1);
    }
  }
  return 0;
}

}  // namespace

std::optional<Symbol> FindSymbol(absl::Span<const std::byte> file,
                                 std::string_view name) {
  const Image image(file);
  const auto header = HeaderOf(image);
  std::optional<Symbol> found;
  if (!header.has_value()) {
    return found;
  }
  ForEachTable(image, *header, [&](const Elf64_Shdr& table, uint64_t strings) {
    if (const auto range = FindIn(image, table, strings, name)) {
      found =
          Symbol{*range, header->e_type == ET_DYN, FirstPage(image, *header)};
    }
    return found.has_value();
  });
  return found;
}

FunctionTable ListFunctions(absl::Span<const std::byte> file) {
  const Image image(file);
  const auto header = HeaderOf(image);
  FunctionTable all;
  if (!header.has_value()) {
    return all;
  }
  all.position_independent = header->e_type == ET_DYN;
  all.first_page = FirstPage(image, *header);
  ForEachTable(image, *header, [&](const Elf64_Shdr& table, uint64_t strings) {
    for (uint64_t i = 0; i < table.sh_size / sizeof(Elf64_Sym); ++i) {
      const auto s = image.Nth<Elf64_Sym>(table.sh_offset, i);
      if (!s.has_value()) {
        break;
      }
      if (s->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(s->st_info) != STT_FUNC ||
          strings + s->st_name < strings) {
        continue;  // others mark data in code (arm64's "$d") and sections
      }
      std::string name = image.String(strings + s->st_name);
      if (!name.empty()) {
        all.functions.push_back(
            {{s->st_value, std::max(s->st_value, s->st_value + s->st_size)},
             std::move(name)});
      }
    }
    return !all.functions.empty();
  });
  std::ranges::stable_sort(
      all.functions, {},
      [](const FunctionTable::Function& f) { return f.range.start; });
  return all;
}

}  // namespace faultline::inject
