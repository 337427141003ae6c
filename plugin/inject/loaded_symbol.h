#ifndef FAULTLINE_PLUGIN_INJECT_LOADED_SYMBOL_H_
#define FAULTLINE_PLUGIN_INJECT_LOADED_SYMBOL_H_

// LoadedSymbol: a function of the first program, wherever a process has loaded
// that; CodeNames: all of them.

#include <cstdint>
#include <optional>
#include <string>

#include "plugin/inject/symbols.h"
#include "plugin/linux/task/task.h"

namespace faultline::inject {

class LoadedSymbol {
 public:
  // Of the host's file `program`, which the guest sees at the same path.
  // Nothing: it has no function of that name.
  static std::optional<LoadedSymbol> Find(const std::string& program,
                                          const std::string& name);
  // How far into the function `pc` is; nothing: `task` runs another program,
  // or `pc` is before it or behind its end (the end itself is in it).
  std::optional<uint64_t> OffsetOf(const os::Task& task, uint64_t pc) const;
  uint64_t bytes() const { return symbol_.range.end - symbol_.range.start; }

 private:
  LoadedSymbol(std::string program, const Symbol& symbol)
      : program_(std::move(program)), symbol_(symbol) {}

  std::string program_;
  Symbol symbol_;
};

class CodeNames {
 public:
  // As LoadedSymbol::Find().
  explicit CodeNames(const std::string& program);
  // "AddOne+0x6"; the address if nobody has named what is there.
  std::string Of(const os::Task& task, uint64_t pc) const;

 private:
  std::string program_;
  FunctionTable table_;
};

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_LOADED_SYMBOL_H_
