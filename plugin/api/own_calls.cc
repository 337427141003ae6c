// faultline-plugin.h: what plug-ins call.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "guest_mm/mm/address_space.h"
#include "plugin/api/faultline-plugin.h"
#include "plugin/api/host.h"
#include "plugin/api/register_list.h"
#include "plugin/inject/site_list.h"
#include "plugin/linux/report/peek.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

using faultline::api::Host;
using faultline::api::RegisterInfo;
namespace engine = faultline::engine;
namespace mm = faultline::mm;
namespace os = faultline::os;

namespace {

const RegisterInfo* FindRegister(std::string_view name) {
  const auto& list =
      faultline::api::RegisterList(Host::Active()->kernel().options().arch);
  const auto it =
      std::find_if(list.begin(), list.end(),
                   [name](const RegisterInfo& r) { return r.name == name; });
  return it == list.end() ? nullptr : &*it;
}

// Where the host has the byte that user mode could so access; null: nowhere.
std::byte* Find(mm::AddressSpace& space, mm::GuestAddr a, mm::Access access) {
  mm::PageTable::Translation t;
  if (a >= space.system().arch().layout().user_end ||
      !space.page_table().Translate(a, access, mm::Mode::kUser, &t, nullptr)) {
    return nullptr;
  }
  if (access == mm::Access::kWrite) {
    space.system().phys().WroteByHost(t.pfn);
  }
  return space.system().phys().Data(t.pfn) + a.PageOffset(space.page_shift());
}

}  // namespace

extern "C" {

void faultline_on_event(faultline_id, uint32_t kinds, faultline_event_cb cb,
                        void* user) {
  Host::Active()->own().events.push_back({kinds, cb, user});
}
const faultline_field* faultline_field_of(const faultline_event* event,
                                          const char* key) {
  for (size_t i = 0; i < event->n_fields; ++i) {
    const faultline_text& k = event->fields[i].key;
    if (std::string_view(k.data, k.size) == key) {
      return &event->fields[i];
    }
  }
  return nullptr;
}

void faultline_on_fault(faultline_id, faultline_fault_cb cb, void* user) {
  Host::Active()->own().faults.push_back({cb, user});
}
void faultline_on_site(faultline_id, const char* pattern, faultline_site_cb cb,
                       void* user) {
  Host::Active()->own().sites.push_back({pattern, cb, nullptr, user});
}
void faultline_decide(faultline_id, const char* pattern, faultline_decide_cb cb,
                      void* user) {
  Host::Active()->own().sites.push_back({pattern, nullptr, cb, user});
}
const char* faultline_site_name(size_t n, bool* can_fail) {
  const auto all = faultline::inject::Sites();
  if (n >= all.size()) {
    return nullptr;
  }
  if (can_fail != nullptr) {
    *can_fail = all[n].kind == faultline::inject::SiteKind::kFailure;
  }
  return all[n].name;
}
void faultline_on_exit(faultline_id, faultline_exit_cb cb, void* user) {
  Host::Active()->own().exits.push_back({cb, user});
}

uint64_t faultline_now() { return Host::Active()->kernel().now().ns(); }
int faultline_tid() {
  const os::Task* const task = Host::Active()->task();
  return task == nullptr ? 0 : task->tid();
}
int faultline_pid() {
  os::Task* const task = Host::Active()->task();
  return task == nullptr ? 0 : task->process().pid();
}
void faultline_print(const char* text) {
  std::fputs(text, stderr);
  std::fflush(stderr);
}

size_t faultline_read_register(const char* name, void* data, size_t size) {
  const RegisterInfo* const r = FindRegister(name);
  if (r == nullptr || size < r->size || !Host::Active()->HasRegisters()) {
    return 0;
  }
  const engine::RegisterFile regs = Host::Active()->Registers();
  std::memcpy(data, r->bytes(regs).data(), r->size);
  return r->size;
}
// The engine holds the registers of a block that runs somewhere of its own.
size_t faultline_write_register(const char* name, const void* data,
                                size_t size) {
  const RegisterInfo* const r = FindRegister(name);
  if (r == nullptr || size < r->size || !Host::Active()->HasRegisters() ||
      Host::Active()->executing()) {
    return 0;
  }
  engine::Cpu& cpu = Host::Active()->kernel().cpu();
  engine::RegisterFile regs = cpu.ReadRegisters();
  std::memcpy(const_cast<std::byte*>(r->bytes(regs).data()), data, r->size);
  cpu.WriteRegisters(regs);
  return r->size;
}

size_t faultline_read_memory(uint64_t address, void* data, size_t size) {
  mm::AddressSpace* const space = Host::Active()->space();
  return space == nullptr ? 0
                          : os::PeekUser(*space, address,
                                         {static_cast<std::byte*>(data), size});
}
size_t faultline_write_memory(uint64_t address, const void* data, size_t size) {
  mm::AddressSpace* const space = Host::Active()->space();
  size_t done = 0;
  while (space != nullptr && done < size) {
    const mm::GuestAddr a =
        space->system().arch().Untag(mm::GuestAddr(address + done));
    std::byte* const to = Find(*space, a, mm::Access::kWrite);
    if (to == nullptr) {
      break;
    }
    const size_t n =
        std::min<size_t>(size - done, space->page_shift().bytes() -
                                          a.PageOffset(space->page_shift()));
    std::memcpy(to, static_cast<const std::byte*>(data) + done, n);
    done += n;
  }
  return done;
}

int faultline_read_tag(uint64_t address) {
  mm::AddressSpace* const space = Host::Active()->space();
  if (space == nullptr || !space->system().arch().geometry().memory_tags) {
    return -1;
  }
  const mm::GuestAddr a = space->system().arch().Untag(mm::GuestAddr(address));
  const mm::Vma* const vma = space->vmas().Find(a);
  const std::byte* const at = Find(*space, a, mm::Access::kRead);
  if (vma == nullptr || at == nullptr || !vma->has(mm::VmaFlag::kMte)) {
    return -1;
  }
  mm::PhysMem& phys = space->system().phys();
  return int(phys.tags().Get(mm::PhysAddr(uint64_t(at - phys.ram()))));
}

}  // extern "C"
