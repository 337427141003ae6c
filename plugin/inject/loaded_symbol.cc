#include "plugin/inject/loaded_symbol.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "absl/strings/str_format.h"
#include "plugin/linux/task/process.h"

namespace faultline::inject {
namespace {

// What was added to the addresses that `program` was linked at. Nothing: the
// task runs another one.
std::optional<uint64_t> BiasOf(const os::Task& task, const std::string& program,
                               bool position_independent, uint64_t first_page) {
  if (task.shared.mm == nullptr || task.process().exe_path != program) {
    return std::nullopt;
  }
  if (!position_independent) {
    return 0;
  }
  for (const mm::Vma& v : task.shared.mm->vmas()) {
    if (v.file != nullptr && v.file->MapsName() == program) {
      return v.range.start.value() - first_page;
    }
  }
  return std::nullopt;
}

std::string ReadFile(const std::string& path) {
  std::stringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

absl::Span<const std::byte> BytesOf(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace

std::optional<LoadedSymbol> LoadedSymbol::Find(const std::string& program,
                                               const std::string& name) {
  const std::optional<Symbol> symbol =
      FindSymbol(BytesOf(ReadFile(program)), name);
  return symbol.has_value() ? std::optional(LoadedSymbol(program, *symbol))
                            : std::nullopt;
}

std::optional<uint64_t> LoadedSymbol::OffsetOf(const os::Task& task,
                                               uint64_t pc) const {
  const auto bias =
      BiasOf(task, program_, symbol_.position_independent, symbol_.first_page);
  if (!bias.has_value()) {
    return std::nullopt;
  }
  const uint64_t offset = pc - *bias - symbol_.range.start;
  return offset <= bytes() ? std::optional(offset) : std::nullopt;
}

CodeNames::CodeNames(const std::string& program)
    : program_(program), table_(ListFunctions(BytesOf(ReadFile(program)))) {
  std::erase_if(table_.functions, [](const FunctionTable::Function& f) {
    return f.range.start == f.range.end;
  });
}

std::string CodeNames::Of(const os::Task& task, uint64_t pc) const {
  const auto bias =
      BiasOf(task, program_, table_.position_independent, table_.first_page);
  if (bias.has_value()) {
    const uint64_t linked = pc - *bias;
    const auto after = std::ranges::upper_bound(
        table_.functions, linked, {},
        [](const FunctionTable::Function& f) { return f.range.start; });
    if (after != table_.functions.begin() &&
        linked < std::prev(after)->range.end) {
      return absl::StrFormat("%s+0x%x", std::prev(after)->name,
                             linked - std::prev(after)->range.start);
    }
  }
  return absl::StrFormat("0x%x", pc);
}

}  // namespace faultline::inject
