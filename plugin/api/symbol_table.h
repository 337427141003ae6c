#ifndef FAULTLINE_PLUGIN_API_SYMBOL_TABLE_H_
#define FAULTLINE_PLUGIN_API_SYMBOL_TABLE_H_

// Names of the functions of one program, by address.

#include <map>
#include <string>

namespace faultline::api {

class SymbolTable {
 public:
  // Of an ELF file on the host; nothing if it cannot be read or has none.
  explicit SymbolTable(const std::string& path);

  // `address` as linked. The name lives as long as the table; null: it is in no
  // function.
  const char* NameAt(uint64_t address) const;
  // The file may be loaded anywhere; its first page is linked at this address.
  bool position_independent() const { return position_independent_; }
  uint64_t first_page() const { return first_page_; }

 private:
  struct Function {
    uint64_t end;
    std::string name;
  };
  std::map<uint64_t, Function> functions_;
  bool position_independent_ = false;
  uint64_t first_page_ = 0;
};

}  // namespace faultline::api

#endif  // FAULTLINE_PLUGIN_API_SYMBOL_TABLE_H_
