#include "plugin/inject/loaded_symbol.h"

#include <fstream>
#include <sstream>

#include "plugin/linux/task/process.h"

namespace faultline::inject {
namespace {

// The address at which the first page of `path` is mapped.
std::optional<uint64_t> LoadedAt(const mm::AddressSpace& mm,
                                 const std::string& path) {
  for (const mm::Vma& v : mm.vmas()) {
    if (v.file != nullptr && v.file->MapsName() == path) {
      return v.range.start.value();
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<LoadedSymbol> LoadedSymbol::Find(const std::string& program,
                                               const std::string& name) {
  std::stringstream content;
  content << std::ifstream(program, std::ios::binary).rdbuf();
  const std::string bytes = content.str();
  const std::optional<Symbol> symbol = FindSymbol(
      {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()}, name);
  return symbol.has_value() ? std::optional(LoadedSymbol(program, *symbol))
                            : std::nullopt;
}

std::optional<uint64_t> LoadedSymbol::OffsetOf(const os::Task& task,
                                               uint64_t pc) const {
  if (task.shared.mm == nullptr || task.process().exe_path != program_) {
    return std::nullopt;
  }
  uint64_t bias = 0;
  if (symbol_.position_independent) {
    const auto base = LoadedAt(*task.shared.mm, program_);
    if (!base.has_value()) {
      return std::nullopt;
    }
    bias = *base - symbol_.first_page;
  }
  const uint64_t offset = pc - bias - symbol_.range.start;
  return offset <= bytes() ? std::optional(offset) : std::nullopt;
}

}  // namespace faultline::inject
