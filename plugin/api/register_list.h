#ifndef FAULTLINE_PLUGIN_API_REGISTER_LIST_H_
#define FAULTLINE_PLUGIN_API_REGISTER_LIST_H_

// The registers that plug-ins can read, by the names that gdb has for them.

#include <vector>

#include "absl/types/span.h"
#include "plugin/engine/registers.h"

namespace faultline::api {

struct RegisterInfo {
  const char* name;
  const char* feature;  // gdb's target feature that it is of
  // Where it is in the host's copy; as wide as gdb has it.
  size_t offset, size;
  absl::Span<const std::byte> bytes(const engine::RegisterFile& regs) const;
};

const std::vector<RegisterInfo>& RegisterList(engine::Arch arch);

}  // namespace faultline::api

#endif  // FAULTLINE_PLUGIN_API_REGISTER_LIST_H_
