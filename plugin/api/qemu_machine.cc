// QEMU's interface: registers, memory, the program, and the rest.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "plugin/api/glib.h"
#include "plugin/api/host.h"
#include "plugin/api/register_list.h"
#include "plugin/linux/report/peek.h"

using faultline::api::Host;
using faultline::api::RegisterList;

namespace {

// Registers are numbered from 1 on: null is none.
qemu_plugin_register* HandleOf(size_t index) {
  return reinterpret_cast<qemu_plugin_register*>(uintptr_t(index + 1));
}

}  // namespace

extern "C" {

GArray* qemu_plugin_get_registers() {
  std::vector<qemu_plugin_reg_descriptor> all;
  for (const faultline::api::RegisterInfo& r :
       RegisterList(Host::Active()->kernel().options().arch)) {
    all.push_back({HandleOf(all.size()), r.name, r.feature});
  }
  return faultline::api::NewArray(sizeof all[0], all.data(), all.size());
}

int qemu_plugin_read_register(qemu_plugin_register* handle, GByteArray* buf) {
  const auto index = uintptr_t(handle) - 1;
  const auto& list = RegisterList(Host::Active()->kernel().options().arch);
  if (index >= list.size() || !Host::Active()->HasRegisters()) {
    return -1;
  }
  const faultline::engine::RegisterFile regs = Host::Active()->Registers();
  const absl::Span<const std::byte> bytes = list[index].bytes(regs);
  faultline::api::Append(buf, bytes);
  return int(bytes.size());
}

bool qemu_plugin_read_memory_vaddr(uint64_t addr, GByteArray* data,
                                   size_t len) {
  faultline::mm::AddressSpace* const space = Host::Active()->space();
  // In pieces: room is made for what is there, not for what was asked for.
  constexpr size_t kPiece = 64 << 10;
  std::vector<std::byte> bytes;
  while (bytes.size() < len) {
    const size_t done = bytes.size();
    const size_t n = std::min(len - done, kPiece);
    bytes.resize(done + n);
    if (space == nullptr ||
        faultline::os::PeekUser(*space, addr + done,
                                absl::MakeSpan(bytes).subspan(done)) != n) {
      return false;
    }
  }
  if (len == 0) {
    return false;
  }
  faultline::api::Assign(data, bytes);
  return true;
}

// g_free() is free().
const char* qemu_plugin_path_to_binary() {
  return strdup(Host::Active()->program().c_str());
}
uint64_t qemu_plugin_start_code() {
  const auto* const space = Host::Active()->space();
  return space == nullptr ? 0 : space->start_code.value();
}
uint64_t qemu_plugin_end_code() {
  const auto* const space = Host::Active()->space();
  return space == nullptr ? 0 : space->end_code.value();
}
uint64_t qemu_plugin_entry_code() { return Host::Active()->Entry(); }

void qemu_plugin_outs(const char* string) {
  std::fputs(string, stderr);
  std::fflush(stderr);
}

bool qemu_plugin_bool_parse(const char* name, const char* val, bool* ret) {
  const std::string_view v = val == nullptr ? "" : val;
  if (name == nullptr || ret == nullptr) {
    return false;
  }
  const bool yes = v == "on" || v == "yes" || v == "true" || v == "y";
  const bool no = v == "off" || v == "no" || v == "false" || v == "n";
  if (yes || no) {
    *ret = yes;
  }
  return yes || no;
}

const void* qemu_plugin_request_time_control() {
  static bool taken;
  return std::exchange(taken, true) ? nullptr : &taken;
}
// Time goes forward only.
void qemu_plugin_update_ns(const void* handle, int64_t time) {
  Host::Active()->AdvanceTo(handle, time);
}

}  // extern "C"
