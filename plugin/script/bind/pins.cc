// pins: pages that a device has.

#include <cstring>

#include "guest_mm/gup/gup.h"
#include "guest_mm/rmap/pin.h"
#include "plugin/script/bind/space.h"
#include "plugin/script/objects.h"

namespace faultline::script {
namespace {

// References to anonymous pages that the pins are (GrabPage()).
mm::PageCount ReferencesOf(const Pins& pins) {
  uint64_t references = 0;
  for (const mm::Pfn page : pins.pages) {
    const mm::Frame& folio = pins.space->machine->phys().folio(page);
    if (folio.use == mm::FrameUse::kAnon) {
      references += folio.order > 0 ? 1 : uint64_t{mm::kPinBias};
    }
  }
  return mm::PageCount(references);
}

int PinsRelease(lua_State* l) {
  Pins& pins = Get<Pins>(l, 1);
  Machine& m = *pins.space->machine;
  m.held -= ReferencesOf(pins);
  for (const mm::Pfn page : pins.pages) {
    mm::ReleasePage(m.memory(), page, mm::Grab::kPin);
  }
  pins.pages.clear();
  return 0;
}

int PinsWrite(lua_State* l) {
  Pins& pins = Get<Pins>(l, 1);
  const uint64_t offset = GetNumber(l, 2), value = GetNumber(l, 3);
  const uint64_t page = pins.space->machine->page();
  if (offset % 8 != 0 || offset / page >= pins.pages.size()) {
    Raise(l, "not within the pinned pages, or not a multiple of 8");
  }
  std::memcpy(pins.space->machine->phys().Data(pins.pages[offset / page]) +
                  offset % page,
              &value, sizeof value);
  return 0;
}

constexpr ApiFunction kPinFunctions[] = {
    {"write", PinsWrite, "pins:write(offset, value)",
     "What a device does: 8 bytes into the page, past all page tables."},
    {"release", PinsRelease, "pins:release()", "Unpins the pages."},
};
constexpr ApiClass kPinApi = {"pins", "Pinned pages.", kPinFunctions};

}  // namespace

int SpacePin(lua_State* l) {
  const auto& space = GetShared<Space>(l, 1);
  auto pins = std::make_shared<Pins>();
  pins->space = space;
  const uint64_t n =
      GetNumber(l, 3, space->machine->page()) / space->machine->page();
  const auto got = mm::GetUserPages(
      *space->mm, mm::GuestAddr(GetNumber(l, 2)), n,
      {.grab = mm::Grab::kPin, .write = true, .longterm = true}, &pins->pages);
  if (!got.ok()) {
    return PushErrno(l, got.error());
  }
  space->machine->held += ReferencesOf(*pins);
  return Push(l, std::move(pins));
}

template <>
const ApiClass& ApiOf<Pins>() {
  return kPinApi;
}

}  // namespace faultline::script
