// faultline-plugin.h: what plug-ins call.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/api/faultline-plugin.h"
#include "plugin/api/host.h"
#include "plugin/api/register_list.h"
#include "plugin/inject/site_list.h"
#include "plugin/linux/report/peek.h"
#include "plugin/linux/report/tag_text.h"
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

// Asking is for a plug-in that is being installed, which learns of a mistake by
// `false`, and its user by the end of the run.
bool MayAsk(faultline_id id, const char* function, bool has_callback) {
  faultline::api::Plugin* const plugin = Host::Active()->installing();
  if (plugin == nullptr) {
    return false;
  }
  if (plugin->id() != id) {
    plugin->Complain(function, "the id is not its own");
  } else if (!has_callback) {
    plugin->Complain(function, "the callback is null");
  }
  return plugin->id() == id && has_callback;
}

bool IsSite(const char* function, const char* pattern, bool to_fail) {
  using faultline::inject::SiteFound;
  const std::string site = pattern == nullptr ? "" : pattern;
  const SiteFound found = faultline::inject::FindSite(site, to_fail);
  if (found != SiteFound::kYes) {
    Host::Active()->installing()->Complain(
        function,
        absl::StrCat(
            "\"", site, "\": ",
            found == SiteFound::kNo ? "no such site" : "nothing there can fail",
            "; `faultline sites` lists them"));
  }
  return found == SiteFound::kYes;
}

template <typename Call>
bool Add(std::vector<Call>& calls, Call call) {
  calls.push_back(std::move(call));
  return true;
}

// Where the host has the byte that the program could write; null: nowhere.
std::byte* FindToWrite(mm::AddressSpace& space, mm::GuestAddr a) {
  mm::PageTable::Translation t;
  if (a >= space.system().arch().layout().user_end ||
      !space.page_table().Translate(a, mm::Access::kWrite, mm::Mode::kUser, &t,
                                    nullptr)) {
    return nullptr;
  }
  space.system().phys().WroteByHost(t.pfn);
  return space.system().phys().Data(t.pfn) + a.PageOffset(space.page_shift());
}

}  // namespace

extern "C" {

bool faultline_on_event(faultline_id id, uint32_t kinds, faultline_event_cb cb,
                        void* user) {
  return MayAsk(id, "faultline_on_event", cb != nullptr) &&
         Add(Host::Active()->own().events, {id, kinds, cb, user});
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

bool faultline_on_fault(faultline_id id, faultline_fault_cb cb, void* user) {
  return MayAsk(id, "faultline_on_fault", cb != nullptr) &&
         Add(Host::Active()->own().faults, {id, cb, user});
}
bool faultline_on_site(faultline_id id, const char* pattern,
                       faultline_site_cb cb, void* user) {
  return MayAsk(id, "faultline_on_site", cb != nullptr) &&
         IsSite("faultline_on_site", pattern, /*to_fail=*/false) &&
         Add(Host::Active()->own().sites, {id, pattern, cb, nullptr, user});
}
bool faultline_decide(faultline_id id, const char* pattern,
                      faultline_decide_cb cb, void* user) {
  return MayAsk(id, "faultline_decide", cb != nullptr) &&
         IsSite("faultline_decide", pattern, /*to_fail=*/true) &&
         Add(Host::Active()->own().sites, {id, pattern, nullptr, cb, user});
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
bool faultline_on_exit(faultline_id id, faultline_exit_cb cb, void* user) {
  return MayAsk(id, "faultline_on_exit", cb != nullptr) &&
         Add(Host::Active()->own().exits, {id, cb, user});
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
    std::byte* const to = FindToWrite(*space, a);
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
  const mm::AddressSpace* const space = Host::Active()->space();
  return space == nullptr || !space->system().arch().geometry().memory_tags
             ? -1
             : os::MemoryTagAt(*Host::Active()->task(), address);
}

}  // extern "C"
