#ifndef FAULTLINE_PLUGIN_INJECT_SYMBOLS_H_
#define FAULTLINE_PLUGIN_INJECT_SYMBOLS_H_

// Where a program's functions are, by the symbol table of its ELF file.
// Format: System V ABI, "Sections" and "Symbol Table".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace faultline::inject {

// [start, end) as linked. A symbol that does not say its size reaches to the
// next.
struct SymbolRange {
  uint64_t start = 0;
  uint64_t end = 0;
};

struct Symbol {
  SymbolRange range;
  // The file may be loaded anywhere: its first page is linked at this address.
  bool position_independent = false;
  uint64_t first_page = 0;
};

// The function `name` in .symtab, or in .dynsym. Nothing if there is none, or
// the file is no 64-bit ELF file; however broken it is.
std::optional<Symbol> FindSymbol(absl::Span<const std::byte> file,
                                 std::string_view name);

// Every function with a name, of whichever of the two tables there is, by
// address. One that does not say its size has an empty range.
struct FunctionTable {
  struct Function {
    SymbolRange range;
    std::string name;
  };
  std::vector<Function> functions{};
  bool position_independent = false;  // as of a Symbol
  uint64_t first_page = 0;
};
// Empty if the file has no symbols, or is no 64-bit ELF file.
FunctionTable ListFunctions(absl::Span<const std::byte> file);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_SYMBOLS_H_
