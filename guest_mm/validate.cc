#include "guest_mm/validate.h"

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

void ValidateAll(MemoryManager& system,
                 absl::Span<const AddressSpace* const> spaces) {
  PhysMem& phys = system.phys();
  phys.Validate();
  const GuestRange user{GuestAddr(0), system.arch().layout().user_end};
  absl::flat_hash_map<uint64_t, int32_t> entries;  // by frame
  PageCount tables;
  for (const AddressSpace* const space : spaces) {
    space->page_table().Validate();
    space->Validate();
    tables += space->page_table().tables();
    space->page_table().ForEach(user, [&](const EntryRef&, const Entry& e) {
      if (e.counted()) {
        ++entries[e.payload];
      }
      return true;
    });
  }
  FL_CHECK(tables == phys.used(FrameUse::kPageTable));
  for (Pfn pfn; pfn < Pfn(phys.total().value()); pfn = pfn + 1) {
    const Frame* const frame = phys.FrameIfMade(pfn);
    if (frame == nullptr || frame->use == FrameUse::kFree ||
        frame->use == FrameUse::kTail) {
      continue;
    }
    const auto it = entries.find(pfn.value());
    const int32_t found = it == entries.end() ? 0 : it->second;
    FL_CHECK(frame->mapcount == found);
    FL_CHECK(frame->refcount >= found);
    FL_CHECK(!frame->anon_exclusive ||
             (frame->use == FrameUse::kAnon && found <= 1));
    // Nobody else keeps anonymous pages yet: one without an entry is lost.
    FL_CHECK(frame->use != FrameUse::kAnon || frame->refcount == found);
    entries.erase(pfn.value());
  }
  FL_CHECK(entries.empty());  // an entry leads to a free frame
}

}  // namespace faultline::mm
