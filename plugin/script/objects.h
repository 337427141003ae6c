#ifndef FAULTLINE_PLUGIN_SCRIPT_OBJECTS_H_
#define FAULTLINE_PLUGIN_SCRIPT_OBJECTS_H_

// What the objects of a script's are made of: each keeps alive what it needs.

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/file/mapped_file.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/uffd/uffd_context.h"
#include "plugin/script/left_behind.h"
#include "plugin/script/lua.h"
#include "plugin/script/machine.h"
#include "plugin/script/user_task.h"

namespace faultline::script {

struct Space {
  std::shared_ptr<Machine> machine;
  std::shared_ptr<mm::AddressSpace> mm;
};

struct MemoryFile {
  std::shared_ptr<Machine> machine;
  std::shared_ptr<mm::MappedFile> file;
};

struct Uffd {
  std::shared_ptr<Space> space;
  std::shared_ptr<mm::UffdContext> ctx;
};

// Pages that a device may read and write (pin_user_pages()).
struct Pins {
  std::shared_ptr<Space> space;
  std::vector<mm::Pfn> pages;
};

// The lock of a page table: that which leads to an address at a level.
struct TableLock {
  std::shared_ptr<Space> space;
  mm::GuestAddr address;
  int level = 0;
  // Of who waits for it, and of who holds it.
  std::list<LeftBehind<mm::TableLock>> tries{};
  LeftBehind<mm::TableLock>* held = nullptr;  // null: it is not

  TableLock() = default;
  TableLock(const TableLock&) = delete;
  TableLock& operator=(const TableLock&) = delete;
  ~TableLock() {
    if (held != nullptr && !space->machine->abandoned()) {
      held->End();
    }
  }
};

// An actor of the running world's, by its number: it may have ended.
struct ActorRef {
  uint32_t id = 0;
  std::string name;
};

template <>
const ApiClass& ApiOf<Machine>();
template <>
const ApiClass& ApiOf<Space>();
template <>
const ApiClass& ApiOf<MemoryFile>();
template <>
const ApiClass& ApiOf<Uffd>();
template <>
const ApiClass& ApiOf<UserTask>();
template <>
const ApiClass& ApiOf<Pins>();
template <>
const ApiClass& ApiOf<TableLock>();
template <>
const ApiClass& ApiOf<ActorRef>();

// Of no class: functions of the scenario, and of what a script reports.
const ApiClass& WorldApi();
const ApiClass& ReportApi();
const ApiClass& ExploreApi();

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_OBJECTS_H_
