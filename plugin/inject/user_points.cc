#include "plugin/inject/user_points.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "plugin/inject/loaded_symbol.h"

namespace faultline::inject {

absl::Status SetUserPoints(os::Kernel& kernel, const std::string& text,
                           const std::string& program) {
  constexpr std::string_view kAll = "user", kOf = "user:";
  if (text.empty()) {
    return absl::OkStatus();
  }
  if (text == kAll) {
    kernel.set_user_points([](const os::Task&, uint64_t) { return true; });
    return absl::OkStatus();
  }
  if (!text.starts_with(kOf)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--points ", text, ": must be user or user:FUNCTION[,FUNCTION...]"));
  }
  std::vector<LoadedSymbol> functions;
  for (const std::string& name :
       std::vector<std::string>(absl::StrSplit(text.substr(kOf.size()), ','))) {
    auto function = LoadedSymbol::Find(program, name);
    if (!function.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--points ", text, ": ", program,
                       " has no function called '", name, "'"));
    }
    functions.push_back(*std::move(function));
  }
  kernel.set_user_points(
      [functions = std::move(functions)](const os::Task& task, uint64_t pc) {
        return std::ranges::any_of(functions, [&](const LoadedSymbol& f) {
          const auto offset = f.OffsetOf(task, pc);
          return offset.has_value() && *offset < f.bytes();
        });
      });
  return absl::OkStatus();
}

}  // namespace faultline::inject
