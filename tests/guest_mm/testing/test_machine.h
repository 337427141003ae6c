#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_TEST_MACHINE_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_TEST_MACHINE_H_

// TestMachine: a small machine with a FakeTlb for a CPU, and the few steps
// that tests of faults and page tables are made of. Everything is checked with
// ValidateAll() after each step and on destruction.

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "guest_mm/base/check.h"
#include "guest_mm/fault/handle_page_fault.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/validate.h"
#include "guest_mm/vma/anon_vma.h"
#include "tests/guest_mm/testing/failing_allocations.h"
#include "tests/guest_mm/testing/fake_tlb.h"

namespace faultline::mm {

class TestFile : public MappedFile {
 public:
  TestFile(PhysMem& phys, Mapping::Kind kind) : mapping_(phys, kind, nullptr) {}
  Mapping& mapping() override { return mapping_; }
  std::string MapsName() const override { return "/test"; }
  uint32_t dev_major() const override { return 0; }
  uint32_t dev_minor() const override { return 1; }
  uint64_t ino() const override { return 1; }

 private:
  Mapping mapping_;
};

class TestMachine {
 public:
  explicit TestMachine(const ArchOps& arch, uint64_t memory = 16 << 20,
                       uint64_t swap = 0, const BehaviourSet& behaviours = {})
      : system_(std::move(MemoryManager::Create(arch, tlb_,
                                                {.memory_bytes = memory,
                                                 .swap_bytes = swap,
                                                 .behaviours = behaviours})
                              .value())) {
    // Tests that mean base pages get them; those of huge pages say so.
    system_->thp().settings.enabled = ThpEnabled::kNever;
  }
  ~TestMachine() {
    Validate();
    spaces_.clear();
    Validate();
  }

  MemoryManager& system() { return *system_; }
  PhysMem& phys() { return system_->phys(); }
  FakeTlb& tlb() { return tlb_; }
  uint64_t page() { return system_->page_shift().bytes(); }

  void FailAllocations(std::function<bool(AllocPurpose)> fails) {
    failing_.reset();
    failing_.emplace(std::move(fails));
  }
  AddressSpace& NewSpace() {
    spaces_.push_back(AddressSpace::Create(*system_).value());
    return *spaces_.back();
  }
  // A space made elsewhere (DupMm()); it is validated and dropped with the
  // rest.
  AddressSpace& Adopt(std::shared_ptr<AddressSpace> space) {
    spaces_.push_back(std::move(space));
    return *spaces_.back();
  }
  void Drop(AddressSpace& mm) {
    std::erase_if(spaces_, [&](const auto& s) { return s.get() == &mm; });
  }

  std::shared_ptr<TestFile> NewFile(Mapping::Kind kind,
                                    const std::string& bytes) {
    auto file = std::make_shared<TestFile>(phys(), kind);
    FL_CHECK(file->mapping()
                 .Write(0, {reinterpret_cast<const std::byte*>(bytes.data()),
                            bytes.size()})
                 .ok());
    return file;
  }

  Vma& Map(AddressSpace& mm, uint64_t start, uint64_t bytes, Prot prot,
           VmaFlags flags = {}, std::shared_ptr<MappedFile> file = nullptr,
           uint64_t pgoff = 0) {
    auto vma = std::make_unique<Vma>();
    vma->range = GuestRange::At(GuestAddr(start), bytes);
    vma->flags = VmaFlags::FromProt(prot) | flags | mm.soft_dirty |
                 (VmaFlag::kMayRead | VmaFlag::kMayWrite) | VmaFlag::kMayExec;
    vma->pgoff = file ? pgoff : start >> system_->page_shift().value();
    vma->file = std::move(file);
    Vma* made;
    {
      WriteGuard guard(mm.mmap_lock());
      made = &mm.vmas().Insert(std::move(vma), VmaSet::Merge::kNone);
    }
    ValidateStep();
    return *made;
  }
  void Unmap(AddressSpace& mm, Vma& vma) {
    const GuestRange range = vma.range;
    {
      WriteGuard guard(mm.mmap_lock());
      ZapRange(mm, vma, range, Markers::kDrop);
      mm.vmas().Remove(vma);
      mm.page_table().FreeEmptyTables(
          range, {GuestAddr(0), system_->arch().layout().user_end});
    }
    ValidateStep();
  }

  // kernel/fork.c dup_mmap(), without what calls/ does around it. Null when
  // memory ran out (then there is no new space).
  AddressSpace* Fork(AddressSpace& parent) {
    auto created = AddressSpace::Create(*system_);
    if (!created.ok()) {
      return nullptr;
    }
    AddressSpace& child = **created;
    spaces_.push_back(*std::move(created));
    ErrnoOr<Done> copied = kDone;
    {
      WriteGuard parent_guard(parent.mmap_lock());
      WriteGuard child_guard(child.mmap_lock());
      for (Vma& v : parent.vmas()) {
        auto copy = std::make_unique<Vma>(v);
        copied = ForkAnonVma(*copy, v);
        if (!copied.ok()) {
          break;
        }
        Vma& child_vma =
            child.vmas().Insert(std::move(copy), VmaSet::Merge::kNone);
        copied = CopyPageRange(child, child_vma, parent, v);
        if (!copied.ok()) {
          break;
        }
      }
    }
    ValidateStep();  // also of a copy that broke off
    if (!copied.ok()) {
      Drop(child);
      return nullptr;
    }
    return &child;
  }

  // An instruction's access: through the TLB, faulting until it succeeds or
  // the handler refuses. `*pfn` is what it reached.
  PageFaultOutcome::Kind Touch(AddressSpace& mm, GuestAddr a, Access access,
                               Mode mode = Mode::kUser, Pfn* pfn = nullptr) {
    for (int tries = 0; tries < 8; ++tries) {
      if (const auto hit = tlb_.Lookup(mm, a, access, mode)) {
        if (pfn != nullptr) {
          *pfn = *hit;
        }
        return PageFaultOutcome::Kind::kDone;
      }
      const PageFaultOutcome outcome =
          HandlePageFault(mm, {.address = a, .access = access, .mode = mode});
      ValidateStep();
      if (!outcome.handled()) {
        return outcome.kind;
      }
    }
    FL_CHECK(false);  // a fault that never ends
    return PageFaultOutcome::Kind::kDone;
  }

  bool Store(AddressSpace& mm, GuestAddr a, uint8_t value) {
    Pfn pfn;
    if (Touch(mm, a, Access::kWrite, Mode::kUser, &pfn) !=
        PageFaultOutcome::Kind::kDone) {
      return false;
    }
    phys().Data(pfn)[a.PageOffset(system_->page_shift())] = std::byte(value);
    return true;
  }
  // The byte, or -1 if the load is refused.
  int Load(AddressSpace& mm, GuestAddr a) {
    Pfn pfn;
    if (Touch(mm, a, Access::kRead, Mode::kUser, &pfn) !=
        PageFaultOutcome::Kind::kDone) {
      return -1;
    }
    return int(phys().Data(pfn)[a.PageOffset(system_->page_shift())]);
  }

  Entry EntryAt(AddressSpace& mm, GuestAddr a) {
    return mm.page_table().Get(mm.page_table().Walk(a));
  }
  Frame& FrameAt(AddressSpace& mm, GuestAddr a) {
    return phys().frame(EntryAt(mm, a).pfn());
  }

  // Somebody looks at an anonymous page, and no more.
  void Hold(Pfn pfn) {
    phys().Get(pfn);
    held_ += PageCount(1);
  }
  void LetGo(Pfn pfn) {
    phys().Put(pfn);
    held_ -= PageCount(1);
  }

  // The test has come by this many references to anonymous pages by itself, or
  // has let go of them.
  void CountHeld(int64_t references) {
    held_ = PageCount(held_.value() + uint64_t(references));
  }

  // After each step of a test. Not while actors run: another one may be half
  // way through its own.
  void ValidateStep() {
    if (Scheduler::Current() == nullptr) {
      Validate();
    }
  }

  void Validate() {
    std::vector<const AddressSpace*> all;
    for (const auto& s : spaces_) {
      all.push_back(s.get());
      FL_CHECK(tlb_.IsTrueOf(*s));
    }
    ValidateAll(*system_, all, held_);
  }

 private:
  FakeTlb tlb_;
  std::unique_ptr<MemoryManager> system_;
  std::vector<std::shared_ptr<AddressSpace>> spaces_;
  PageCount held_;
  std::optional<FailingAllocations> failing_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_TEST_MACHINE_H_
