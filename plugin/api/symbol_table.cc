#include "plugin/api/symbol_table.h"

#include <fstream>
#include <iterator>

#include "plugin/inject/symbols.h"

namespace faultline::api {

SymbolTable::SymbolTable(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const inject::FunctionTable list = inject::ListFunctions(
      {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
  position_independent_ = list.position_independent;
  first_page_ = list.first_page;
  for (const inject::FunctionTable::Function& f : list.functions) {
    functions_.insert_or_assign(f.range.start, Function{f.range.end, f.name});
  }
  // One that does not say its size reaches to the next.
  for (auto it = functions_.begin(); it != functions_.end(); ++it) {
    const auto next = std::next(it);
    if (it->second.end == it->first && next != functions_.end()) {
      it->second.end = next->first;
    }
  }
}

const char* SymbolTable::NameAt(uint64_t address) const {
  auto it = functions_.upper_bound(address);
  if (it == functions_.begin()) {
    return nullptr;
  }
  --it;
  return address < it->second.end ? it->second.name.c_str() : nullptr;
}

}  // namespace faultline::api
