// space: an address space, and the calls that change it.

#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "guest_mm/calls/advice.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/gup/fault_in.h"
#include "guest_mm/pgtable/tagged.h"
#include "plugin/script/bind/space.h"
#include "plugin/script/objects.h"

namespace faultline::script {
namespace {

// "rw" -> PROT_*: of r, w, x, and m for PROT_MTE; "" is none.
uint64_t Prot(lua_State* l, const std::string& text) {
  uint64_t prot = 0;
  for (const char c : text) {
    switch (c) {
      case 'r':
        prot |= 1;
        break;
      case 'w':
        prot |= 2;
        break;
      case 'x':
        prot |= 4;
        break;
      case 'm':
        prot |= 0x20;
        break;
      default:
        Raise(l, absl::StrCat("protection '", text, "': of r, w, x and m"));
    }
  }
  return prot;
}

mm::GuestAddr Address(lua_State* l, int arg) {
  return mm::GuestAddr(GetNumber(l, arg));
}

int SpaceMap(lua_State* l) {
  Space& space = Get<Space>(l, 1);
  CheckFields(l, 2,
              {"at", "length", "prot", "shared", "file", "offset", "populate",
               "noreserve", "grows"});
  mm::MmapRequest r;
  const uint64_t at = NumberField(l, 2, "at", 0);
  r.hint = mm::GuestAddr(at);
  r.length = NumberField(l, 2, "length", space.machine->page());
  r.prot = Prot(l, StringField(l, 2, "prot", "rw"));
  r.flags = BoolField(l, 2, "shared", false) ? mm::kMapShared : mm::kMapPrivate;
  r.flags |= at != 0 ? mm::kMapFixed : 0;
  r.flags |= BoolField(l, 2, "populate", false) ? mm::kMapPopulate : 0;
  r.flags |= BoolField(l, 2, "noreserve", false) ? mm::kMapNoReserve : 0;
  r.flags |= BoolField(l, 2, "grows", false) ? mm::kMapGrowsDown : 0;
  if (PushField(l, 2, "file")) {
    r.file = Get<MemoryFile>(l, -1).file;
    r.pgoff = NumberField(l, 2, "offset", 0) / space.machine->page();
  } else {
    r.flags |= mm::kMapAnonymous;
  }
  const auto made = mm::Mmap(*space.mm, r);
  if (!made.ok()) {
    return PushErrno(l, made.error());
  }
  lua_pushinteger(l, lua_Integer(made->value()));
  return 1;
}

int SpaceUnmap(lua_State* l) {
  return PushDone(
      l, mm::Munmap(*Get<Space>(l, 1).mm, Address(l, 2), GetNumber(l, 3)));
}

int SpaceProtect(lua_State* l) {
  return PushDone(l, mm::Mprotect(*Get<Space>(l, 1).mm, Address(l, 2),
                                  GetNumber(l, 3), Prot(l, GetString(l, 4))));
}

int SpaceRemap(lua_State* l) {
  constexpr uint64_t kMayMove = 1, kFixed = 2;
  const uint64_t to = GetNumber(l, 5, 0);
  const auto moved = mm::Mremap(
      *Get<Space>(l, 1).mm, Address(l, 2), GetNumber(l, 3), GetNumber(l, 4),
      to != 0 ? kMayMove | kFixed : kMayMove, mm::GuestAddr(to));
  if (!moved.ok()) {
    return PushErrno(l, moved.error());
  }
  lua_pushinteger(l, lua_Integer(moved->value()));
  return 1;
}

struct AdviceName {
  const char* name;
  mm::Advice advice;
};
constexpr AdviceName kAdvice[] = {
    {"dontneed", mm::Advice::kDontNeed},
    {"free", mm::Advice::kFree},
    {"remove", mm::Advice::kRemove},
    {"hugepage", mm::Advice::kHugePage},
    {"nohugepage", mm::Advice::kNoHugePage},
    {"cold", mm::Advice::kCold},
    {"pageout", mm::Advice::kPageOut},
    {"populate_read", mm::Advice::kPopulateRead},
    {"populate_write", mm::Advice::kPopulateWrite},
    {"collapse", mm::Advice::kCollapse},
    {"guard_install", mm::Advice::kGuardInstall},
    {"guard_remove", mm::Advice::kGuardRemove},
};

int SpaceAdvise(lua_State* l) {
  Space& space = Get<Space>(l, 1);
  const std::string name = GetString(l, 4);
  std::string names;
  for (const AdviceName& a : kAdvice) {
    if (name == a.name) {
      return PushDone(l, mm::Madvise(*space.mm, Address(l, 2), GetNumber(l, 3),
                                     int(a.advice)));
    }
    absl::StrAppend(&names, names.empty() ? "" : ", ", a.name);
  }
  Raise(l, absl::StrCat("no advice '", name, "'; there are: ", names));
}

int SpaceFork(lua_State* l) {
  const auto& parent = GetShared<Space>(l, 1);
  auto child = mm::DupMm(*parent->mm);
  if (!child.ok()) {
    return PushErrno(l, child.error());
  }
  auto space = std::make_shared<Space>();
  space->machine = parent->machine;
  space->mm = *std::move(child);
  parent->machine->Adopt(space->mm);
  return Push(l, std::move(space));
}

int SpaceTouch(lua_State* l) {
  Space& space = Get<Space>(l, 1);
  const bool write = !lua_isnoneornil(l, 3) && GetString(l, 3) == "w";
  lua_pushboolean(
      l, mm::FixupUserFault(*space.mm, Address(l, 2),
                            write ? mm::Access::kWrite : mm::Access::kRead,
                            mm::FixupWaits::kYes));
  return 1;
}

void SetField(lua_State* l, const char* name, uint64_t value) {
  lua_pushinteger(l, lua_Integer(value));
  lua_setfield(l, -2, name);
}
void SetFlag(lua_State* l, const char* name, bool value) {
  lua_pushboolean(l, value);
  lua_setfield(l, -2, name);
}

int SpaceEntry(lua_State* l) {
  using mm::EntryFlag;
  Space& space = Get<Space>(l, 1);
  const mm::PageTable& table = space.mm->page_table();
  const mm::EntryRef r = table.Walk(Address(l, 2));
  const mm::Entry e = table.Get(r);
  static const char* const kKinds[] = {"none",      "table",    "page",  "swap",
                                       "migration", "hwpoison", "marker"};
  lua_newtable(l);
  lua_pushstring(l, kKinds[size_t(e.kind)]);
  lua_setfield(l, -2, "kind");
  SetField(l, "level", uint64_t(r.level));
  SetField(l, "payload", e.payload);
  SetFlag(l, "huge", e.present() && r.level > 0);
  SetFlag(l, "write", e.write());
  SetFlag(l, "young", e.young());
  SetFlag(l, "dirty", e.dirty());
  SetFlag(l, "uffd_wp",
          e.flags.has(EntryFlag::kUffdWp) || e.marker(mm::kMarkerUffdWp));
  SetFlag(l, "guard", e.marker(mm::kMarkerGuard));
  SetFlag(l, "poison", e.marker(mm::kMarkerPoison));
  SetFlag(l, "zero", e.special());
  return 1;
}

int SpaceRss(lua_State* l) {
  const mm::Rss& rss = Get<Space>(l, 1).mm->rss;
  lua_newtable(l);
  SetField(l, "anon", rss.anon.value());
  SetField(l, "file", rss.file.value());
  SetField(l, "shmem", rss.shmem.value());
  SetField(l, "swap", rss.swap.value());
  return 1;
}

int SpaceTables(lua_State* l) {
  const mm::PageTable& t = Get<Space>(l, 1).mm->page_table();
  lua_pushinteger(l, lua_Integer(t.tables_at(int(GetNumber(l, 2, 0))).value()));
  return 1;
}

// The page that is mapped at `a`, and the offset in it.
std::optional<mm::Pfn> MappedPage(const Space& space, mm::GuestAddr a) {
  const mm::PageTable& table = space.mm->page_table();
  const mm::EntryRef r = table.Walk(a);
  const mm::Entry e = table.Get(r);
  if (!e.present()) {
    return std::nullopt;
  }
  return e.pfn() + ((a.value() - r.address.value()) / space.machine->page());
}

int SpacePeek(lua_State* l) {
  Space& space = Get<Space>(l, 1);
  const mm::GuestAddr a = Address(l, 2);
  const std::optional<mm::Pfn> page = MappedPage(space, a);
  const uint64_t offset = a.value() % space.machine->page();
  if (!page.has_value() || offset + 8 > space.machine->page()) {
    lua_pushnil(l);
    return 1;
  }
  uint64_t value;
  std::memcpy(&value, space.machine->phys().Data(*page) + offset, sizeof value);
  lua_pushinteger(l, lua_Integer(value));
  return 1;
}

int SpaceSetTags(lua_State* l) {
  Space& space = Get<Space>(l, 1);
  const uint64_t start = GetNumber(l, 2), bytes = GetNumber(l, 3);
  if (GetNumber(l, 4) > 0xf) {
    Raise(l, "a tag is 0 to 15");
  }
  const mm::MemoryTag tag = mm::MemoryTag(GetNumber(l, 4));
  Machine& m = *space.machine;
  if (start + bytes < start ||
      start + bytes > m.memory().arch().layout().user_end.value()) {
    return PushErrno(l, Errno::kEFAULT);
  }
  for (uint64_t at = start; at < start + bytes; at += mm::FrameTags::kGranule) {
    const auto granule =
        mm::TaggedAt(space.mm->page_table(), mm::GuestAddr(at));
    if (!granule.has_value()) {
      return PushErrno(l, Errno::kEFAULT);
    }
    m.phys().tags().Set(*granule, tag);
    m.cpu().TagsChanged(mm::Pfn(granule->value() / m.page()));
  }
  lua_pushboolean(l, 1);
  return 1;
}

int SpaceTask(lua_State* l) {
  const auto& space = GetShared<Space>(l, 1);
  auto task = UserTask::Create(space->machine, space->mm);
  if (!task.ok()) {
    return PushErrno(l, task.error());
  }
  return Push(l, *std::move(task));
}

int SpaceUffd(lua_State* l) {
  static const struct {
    const char* name;
    uint64_t feature;
  } kFeatures[] = {
      {"event_fork", mm::kUffdEventFork},
      {"event_remap", mm::kUffdEventRemap},
      {"event_remove", mm::kUffdEventRemove},
      {"event_unmap", mm::kUffdEventUnmap},
      {"sigbus", mm::kUffdSigbus},
      {"wp_unpopulated", mm::kUffdWpUnpopulated},
      {"wp_async", mm::kUffdWpAsync},
      {"exact_address", mm::kUffdExactAddress},
  };
  const auto& space = GetShared<Space>(l, 1);
  uint64_t features = 0;
  for (lua_Integer i = 1; !lua_isnoneornil(l, 2); ++i) {
    luaL_checktype(l, 2, LUA_TTABLE);
    if (lua_rawgeti(l, 2, i) == LUA_TNIL) {
      break;
    }
    const std::string name = GetString(l, -1);
    uint64_t feature = 0;
    for (const auto& f : kFeatures) {
      feature = name == f.name ? f.feature : feature;
    }
    if (feature == 0) {
      Raise(l, absl::StrCat("no feature '", name, "'"));
    }
    features |= feature;
    lua_pop(l, 1);
  }
  auto ctx =
      mm::UffdContext::Create(*space->mm, mm::UffdContext::UserModeOnly::kNo);
  if (!ctx.ok()) {
    return PushErrno(l, ctx.error());
  }
  if ((features &
       ~mm::UffdKnownFeatures(space->machine->memory().behaviours())) != 0) {
    return PushErrno(l, Errno::kEINVAL);
  }
  (*ctx)->Initialize(features | mm::kUffdInitialized);
  auto uffd = std::make_shared<Uffd>();
  uffd->space = space;
  uffd->ctx = *std::move(ctx);
  return Push(l, std::move(uffd));
}

constexpr ApiFunction kFunctions[] = {
    {"map", SpaceMap,
     "space:map{at=, length=, prot='rw', shared=false, file=, offset=0, "
     "populate=false, noreserve=false, grows=false} -> address",
     "mmap(2). Without `at` the kernel chooses; without `file` it is anonymous "
     "memory. `prot` is of r, w, x, and m for PROT_MTE; what `grows` does so "
     "as "
     "a stack, downwards. Like all calls: or nil and the error's name."},
    {"unmap", SpaceUnmap, "space:unmap(address, length) -> true", "munmap(2)."},
    {"protect", SpaceProtect, "space:protect(address, length, prot) -> true",
     "mprotect(2)."},
    {"remap", SpaceRemap,
     "space:remap(address, length, new_length [, to]) -> address",
     "mremap(2) with MREMAP_MAYMOVE, and MREMAP_FIXED if `to` is given."},
    {"advise", SpaceAdvise, "space:advise(address, length, advice) -> true",
     "madvise(2): dontneed, free, remove, hugepage, nohugepage, cold, pageout, "
     "populate_read, populate_write, collapse, guard_install, guard_remove."},
    {"fork", SpaceFork, "space:fork() -> space",
     "A copy-on-write copy, as fork(2) makes it."},
    {"touch", SpaceTouch, "space:touch(address [, 'w']) -> true or false",
     "Faults the page in for a read or a write, as the kernel does for its own "
     "use; no instruction runs."},
    {"fault", SpaceFault,
     "space:fault(address, 'r'|'w'|'x' [, {kernel=false, sp=}]) -> string, "
     "lsb, major",
     "Tells the fault handler of an access that none has made: what it answers "
     "(done, bad-area, access-error, bus-error, hwpoison, kernel-fixup, "
     "signal, "
     "out-of-memory)."},
    {"table_lock", SpaceTableLock,
     "space:table_lock(address [, level]) -> lock",
     "The lock of the table with the address's entry of this level: 0 (pte), 1 "
     "(pmd)."},
    {"entry", SpaceEntry, "space:entry(address) -> table",
     "The page-table entry where the walk for the address ends: kind (none, "
     "table, page, swap, migration, hwpoison, marker), level, payload, and the "
     "flags huge, write, young, dirty, uffd_wp, guard, poison, zero."},
    {"rss", SpaceRss, "space:rss() -> table",
     "Resident pages by kind: anon, file, shmem, swap."},
    {"tables", SpaceTables, "space:tables([level]) -> number",
     "Page tables that hold entries of this level (0: of base pages)."},
    {"peek", SpacePeek, "space:peek(address) -> number or nil",
     "The 8 bytes that are mapped there; no access is made."},
    {"set_tags", SpaceSetTags, "space:set_tags(address, bytes, tag) -> true",
     "arm64: the allocation tags of memory that is there."},
    {"pin", SpacePin, "space:pin(address [, length]) -> pins",
     "Pins the pages for a device that writes to them (FOLL_LONGTERM)."},
    {"task", SpaceTask, "space:task() -> task",
     "A thread that can run instructions here. The first one maps a page of "
     "code at 0x20000."},
    {"uffd", SpaceUffd, "space:uffd([{feature, ...}]) -> uffd",
     "A userfaultfd: event_fork, event_remap, event_remove, event_unmap, "
     "sigbus, wp_unpopulated, wp_async, exact_address."},
};
constexpr ApiClass kApi = {"space", "An address space.", kFunctions};

}  // namespace

template <>
const ApiClass& ApiOf<Space>() {
  return kApi;
}
}  // namespace faultline::script
