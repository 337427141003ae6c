#include "guest_mm/validate.h"

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "guest_mm/base/check.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

void ValidateAll(MemoryManager& system,
                 absl::Span<const AddressSpace* const> spaces, PageCount held) {
  PhysMem& phys = system.phys();
  phys.Validate();
  const GuestRange user{GuestAddr(0), system.arch().layout().user_end};
  absl::flat_hash_map<uint64_t, int32_t> entries;  // by frame
  absl::flat_hash_set<const Mapping*> mappings;
  PageCount tables, charged, references;
  for (const AddressSpace* const space : spaces) {
    space->page_table().Validate();
    space->Validate();
    tables += space->page_table().tables();
    for (const Vma& v : space->vmas()) {
      if (v.has(VmaFlag::kAccount)) {
        charged += v.range.Pages(system.page_shift());
      }
    }
    space->page_table().ForEach(user, [&](const EntryRef&, const Entry& e) {
      if (e.counted()) {
        ++entries[e.payload];
      }
      return true;
    });
  }
  FL_CHECK(tables == phys.used(FrameUse::kPageTable));
  FL_CHECK(system.committed() >= charged);  // shmem is charged besides
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
    if (frame->use == FrameUse::kAnon) {
      references += PageCount(uint64_t(frame->refcount - found));
    }
    if (frame->use == FrameUse::kPageCache && frame->mapping != nullptr) {
      // The cache's own reference; readers and pipes may hold more.
      FL_CHECK(frame->refcount > found);
      const Pfn* const cached = frame->mapping->Find(frame->index);
      FL_CHECK(cached != nullptr && *cached == pfn);
      mappings.insert(frame->mapping);
    }
    entries.erase(pfn.value());
  }
  FL_CHECK(references == held);  // else an anonymous page is lost
  for (const Mapping* const mapping : mappings) {
    mapping->Validate();
  }
  FL_CHECK(entries.empty());  // an entry leads to a free frame
}

}  // namespace faultline::mm
