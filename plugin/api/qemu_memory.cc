// QEMU's interface: accesses to memory, scoreboards.

#include "guest_mm/base/check.h"
#include "plugin/api/host.h"

using faultline::api::Host;
using faultline::api::MemInfo;

struct qemu_plugin_hwaddr {
  uint64_t physical;
};

namespace {

uint64_t& Cell(qemu_plugin_u64 entry, unsigned vcpu) {
  return *reinterpret_cast<uint64_t*>(entry.score->At(vcpu) + entry.offset);
}

}  // namespace

extern "C" {

unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info) {
  return MemInfo::Of(info).shift;
}
bool qemu_plugin_mem_is_sign_extended(qemu_plugin_meminfo_t info) {
  return MemInfo::Of(info).sign_extends;
}
bool qemu_plugin_mem_is_big_endian(qemu_plugin_meminfo_t) { return false; }
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info) {
  return MemInfo::Of(info).store;
}

qemu_plugin_mem_value qemu_plugin_mem_get_value(qemu_plugin_meminfo_t info) {
  qemu_plugin_mem_value v{};
  const auto* const access = Host::Active()->access();
  if (access == nullptr) {
    return v;
  }
  v.type = qemu_plugin_mem_value_type(MemInfo::Of(info).shift);
  switch (v.type) {
    case QEMU_PLUGIN_MEM_VALUE_U8:
      v.data.u8 = uint8_t(access->value[0]);
      break;
    case QEMU_PLUGIN_MEM_VALUE_U16:
      v.data.u16 = uint16_t(access->value[0]);
      break;
    case QEMU_PLUGIN_MEM_VALUE_U32:
      v.data.u32 = uint32_t(access->value[0]);
      break;
    case QEMU_PLUGIN_MEM_VALUE_U64:
      v.data.u64 = access->value[0];
      break;
    case QEMU_PLUGIN_MEM_VALUE_U128:
      v.data.u128.low = access->value[0];
      v.data.u128.high = access->value[1];
      break;
  }
  return v;
}

qemu_plugin_hwaddr* qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t,
                                           uint64_t vaddr) {
  static qemu_plugin_hwaddr last;  // until the next is asked for
  const auto* const access = Host::Active()->access();
  if (access == nullptr || access->address != vaddr) {
    return nullptr;
  }
  last.physical = access->physical.value();
  return &last;
}
bool qemu_plugin_hwaddr_is_io(const qemu_plugin_hwaddr*) { return false; }
uint64_t qemu_plugin_hwaddr_phys_addr(const qemu_plugin_hwaddr* haddr) {
  return haddr == nullptr ? 0 : haddr->physical;
}
const char* qemu_plugin_hwaddr_device_name(const qemu_plugin_hwaddr*) {
  return "RAM";
}

qemu_plugin_scoreboard* qemu_plugin_scoreboard_new(size_t element_size) {
  FL_CHECK(element_size <= UINT32_MAX);  // QEMU ends, too: for want of memory
  return Host::Active()->NewScoreboard(element_size);
}
void qemu_plugin_scoreboard_free(qemu_plugin_scoreboard* score) {
  Host::Active()->FreeScoreboard(score);
}
void* qemu_plugin_scoreboard_find(qemu_plugin_scoreboard* score,
                                  unsigned int vcpu_index) {
  return score->At(vcpu_index);
}
void qemu_plugin_u64_add(qemu_plugin_u64 entry, unsigned int vcpu_index,
                         uint64_t added) {
  Cell(entry, vcpu_index) += added;
}
uint64_t qemu_plugin_u64_get(qemu_plugin_u64 entry, unsigned int vcpu_index) {
  return Cell(entry, vcpu_index);
}
void qemu_plugin_u64_set(qemu_plugin_u64 entry, unsigned int vcpu_index,
                         uint64_t val) {
  Cell(entry, vcpu_index) = val;
}
uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < Host::Active()->vcpus(); ++i) {
    sum += Cell(entry, i);
  }
  return sum;
}

}  // extern "C"
