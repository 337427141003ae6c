#include "guest_mm/pgtable/page_table.h"

#include <algorithm>
#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/pgtable/walk.h"
#include "guest_mm/trace.h"

namespace faultline::mm {
namespace {

// The allocation site of a table that holds entries of `level`.
AllocPurpose PurposeOf(int level) {
  switch (level) {
    case 0:
      return AllocPurpose::kTablePte;
    case 1:
      return AllocPurpose::kTablePmd;
    case 2:
      return AllocPurpose::kTablePud;
    default:
      return AllocPurpose::kTableP4d;
  }
}

}  // namespace

ErrnoOr<PageTable> PageTable::Create(PhysMem& phys, const ArchOps& arch) {
  FL_CHECK(phys.page_shift() == arch.geometry().page_shift);
  FL_ASSIGN(const Pfn root, phys.AllocateZeroed(AllocPurpose::kTableRoot));
  return PageTable(phys, arch, root);
}

PageTable::PageTable(PhysMem& phys, const ArchOps& arch, Pfn root)
    : phys_(&phys), arch_(&arch), root_(root) {
  at_level_[arch.geometry().root()] = PageCount(1);
}

PageTable::PageTable(PageTable&& other) noexcept
    : phys_(std::exchange(other.phys_, nullptr)),
      arch_(other.arch_),
      root_(other.root_),
      tables_(other.tables_) {
  std::copy(std::begin(other.at_level_), std::end(other.at_level_),
            std::begin(at_level_));
}

PageTable::~PageTable() {
  if (phys_ != nullptr) {
    FreeAllIn(root_, arch_->geometry().root());
  }
}

void PageTable::FreeAllIn(Pfn table, int level) {
  const Frame& frame = phys_->frame(table);
  const uint64_t words = uint64_t{1}
                         << arch_->geometry().levels[size_t(level)].bits;
  for (uint64_t i = 0; frame.entries > 0 && i < words; ++i) {
    const EntryRef r{level, table, phys_->Words(table) + i, GuestAddr()};
    const Entry e = Get(r);
    if (e.none()) {
      continue;
    }
    FL_CHECK(e.is_table());  // a page left behind would be lost
    FreeAllIn(e.pfn(), level - 1);
    --phys_->frame(table).entries;
  }
  phys_->Put(table);
}

EntryRef PageTable::RefIn(Pfn table, int level, GuestAddr a) const {
  const PagingGeometry& g = arch_->geometry();
  return {level, table, phys_->Words(table) + g.Index(level, a),
          a.AlignDown(g.EntryBytes(level))};
}

EntryRef PageTable::Walk(GuestAddr a) const {
  EntryRef r = RefIn(root_, arch_->geometry().root(), a);
  for (Entry e = Get(r); e.is_table(); e = Get(r)) {
    r = RefIn(e.pfn(), r.level - 1, a);
    if (r.level == 0) {
      break;
    }
  }
  return r;
}

EntryRef PageTable::Find(GuestAddr a, int level) const {
  EntryRef r = RefIn(root_, arch_->geometry().root(), a);
  while (r.level > level) {
    const Entry e = Get(r);
    if (!e.is_table()) {
      return {};
    }
    r = RefIn(e.pfn(), r.level - 1, a);
  }
  return r;
}

ErrnoOr<EntryRef> PageTable::FindOrAllocate(GuestAddr a, int level) {
  EntryRef r = RefIn(root_, arch_->geometry().root(), a);
  while (r.level > level) {
    const Entry e = Get(r);
    if (e.is_table()) {
      r = RefIn(e.pfn(), r.level - 1, a);
    } else if (e.none()) {
      FL_TRY(AddTable(r));
    } else {
      return Errno::kEEXIST;
    }
  }
  return r;
}

// mm/memory.c __pte_alloc() => pmd_install(): the table is allocated first,
// and given back if somebody else has put one there meanwhile.
ErrnoOr<Done> PageTable::AddTable(const EntryRef& parent) {
  const int level = parent.level - 1;
  FL_ASSIGN(const Pfn table, phys_->AllocateZeroed(PurposeOf(level)));
  bool lost_the_race = false;
  {
    LockGuard guard(LockOf(parent));
    lost_the_race = *parent.word != 0;
    if (!lost_the_race) {
      Install(parent, table);
    }
  }
  if (lost_the_race) {
    phys_->Put(table);
  }
  return kDone;
}

ErrnoOr<Pfn> PageTable::AllocateSpare() {
  return phys_->AllocateZeroed(AllocPurpose::kTablePte);
}

void PageTable::Deposit(const EntryRef& huge, Pfn spare) {
  Frame& holder = phys_->frame(huge.table);
  phys_->frame(spare).head = holder.head;
  holder.head = spare;
  ++holder.deposits;
  Count(huge.level - 1);
}

Pfn PageTable::Withdraw(const EntryRef& huge) {
  Frame& holder = phys_->frame(huge.table);
  FL_CHECK(holder.deposits > 0);
  const Pfn spare = holder.head;
  holder.head = std::exchange(phys_->frame(spare).head, Pfn());
  --holder.deposits;
  Uncount(huge.level - 1);
  return spare;
}

void PageTable::Install(const EntryRef& parent, Pfn table) {
  Set(parent, Entry::Table(table));
  Count(parent.level - 1);
}

Pfn PageTable::Detach(const EntryRef& parent) {
  const Pfn table = Get(parent).pfn();
  Set(parent, Entry::None());
  Uncount(parent.level - 1);
  return table;
}

void PageTable::Count(int level) {
  tables_ += PageCount(1);
  at_level_[level] += PageCount(1);
}

void PageTable::Uncount(int level) {
  tables_ -= PageCount(1);
  at_level_[level] -= PageCount(1);
}

void PageTable::Set(const EntryRef& r, const Entry& e) {
  NoteWrite(r.word);
  const uint64_t word = arch_->Encode(r.level, e);
  Trace* const trace = phys_->trace();
  if (trace != nullptr && trace->on(TraceKind::kTable)) [[unlikely]] {
    TraceSet(r, e);
  }
  const int before = *r.word != 0 ? 1 : 0;
  const int after = word != 0 ? 1 : 0;
  phys_->frame(r.table).entries += after - before;
  if (e.present() && e.flags.has(EntryFlag::kMte)) [[unlikely]] {
    MakeTagged(r, e);
  }
  *r.word = word;
}

void PageTable::MakeTagged(const EntryRef& r, const Entry& e) const {
  const uint64_t pages =
      arch_->geometry().EntryBytes(r.level) >> phys_->page_shift().value();
  for (uint64_t i = 0; i < pages; ++i) {
    phys_->MakeTagged(e.pfn() + i);
  }
}

void PageTable::TraceSet(const EntryRef& r, const Entry& e) const {
  const std::string from = ToString(Get(r));
  const std::string to = ToString(e);
  const TraceField fields[] = {
      TraceField::Hex("root", root_.value()),
      TraceField::Text("level", arch_->geometry().levels[size_t(r.level)].name),
      TraceField::Hex("address", r.address.value()),
      TraceField::Text("from", from),
      TraceField::Text("to", to),
  };
  phys_->trace()->Emit(TraceKind::kTable, "set", fields);
}

void PageTable::ForEach(GuestRange range, const Visitor& fn) const {
  WalkSpans(*this, range, [&](const EntrySpan& span) {
    for (uint64_t i = 0; i < span.count; ++i) {
      const EntryRef r = span[i];
      if (*r.word != 0 && !fn(r, Get(r))) {
        return false;
      }
      if (!span.InTree()) {  // `fn` waited for a lock
        span.gone = true;
        break;
      }
    }
    return true;
  });
}

void PageTable::FreeEmptyTables(GuestRange range, GuestRange limits) {
  if (range.empty()) {
    return;
  }
  // Nothing lies above user space, though its last table may reach there.
  if (limits.end >= arch_->layout().user_end) {
    limits.end = GuestAddr(~uint64_t{0});
  }
  FreeEmptyIn(root_, arch_->geometry().root(), range, limits);
}

void PageTable::FreeEmptyIn(Pfn table, int level, GuestRange range,
                            GuestRange limits) {
  const uint64_t bytes = arch_->geometry().EntryBytes(level);
  for (GuestAddr a = range.start; level > 0 && a < range.end;) {
    const EntryRef r = RefIn(table, level, a);
    const GuestRange covered = GuestRange::At(r.address, bytes);
    const Entry e = *r.word == 0 ? Entry::None() : Get(r);
    if (e.is_table()) {
      FreeEmptyIn(e.pfn(), level - 1, covered.Intersect(range), limits);
      if (phys_->frame(e.pfn()).entries == 0 && limits.Contains(covered)) {
        phys_->Put(Detach(r));
      }
    }
    a = covered.end;
  }
}

bool PageTable::Translate(GuestAddr a, Access access, Mode mode,
                          Translation* out, bool* present) {
  const PagingGeometry& g = arch_->geometry();
  const PagingLevel& root = g.levels.back();
  const bool in_range = a.value() >> (root.shift + root.bits) == 0;
  EntryRef r;
  Entry e;
  if (in_range) {
    r = Walk(a);
    e = Get(r);
  }
  const bool mapped = e.present() && !e.prot_none();
  if (present != nullptr) {
    *present = mapped;
  }
  if (!mapped || !arch_->Permits(e.flags, access, mode)) {
    return false;
  }
  Entry touched = e;
  touched.flags = touched.flags.with(EntryFlag::kYoung);
  if (access == Access::kWrite) {
    touched.flags = touched.flags.with(EntryFlag::kDirty);
  }
  if (touched != e) {
    NoteWrite(r.word);
    *r.word = arch_->Encode(r.level, touched);
  }
  out->level = r.level;
  out->flags = touched.flags;
  out->pfn = e.pfn() + ((a - r.address) >> g.page_shift.value());
  // A clean page is filled read-only, so that its first store asks again.
  out->write =
      touched.dirty() && arch_->Permits(touched.flags, Access::kWrite, mode);
  out->exec = arch_->Permits(touched.flags, Access::kExec, mode);
  return true;
}

void PageTable::Validate() const {
  FL_CHECK(ValidateIn(root_, arch_->geometry().root()) == tables_);
  PageCount sum;
  for (const PageCount n : at_level_) {
    sum += n;
  }
  FL_CHECK(sum == tables_);
}

// Returns the number of tables in this one's tree, itself included.
PageCount PageTable::ValidateIn(Pfn table, int level) const {
  const Frame& frame = phys_->frame(table);
  FL_CHECK(frame.use == FrameUse::kPageTable && frame.refcount >= 1);
  PageCount tables(1);
  int32_t entries = 0;
  int32_t with_deposit = 0;
  const uint64_t words = uint64_t{1}
                         << arch_->geometry().levels[size_t(level)].bits;
  for (uint64_t i = 0; i < words; ++i) {
    const uint64_t word = phys_->Words(table)[i];
    if (word == 0) {
      continue;
    }
    ++entries;
    const Entry e = arch_->Decode(level, word);
    if (e.is_table()) {
      tables += ValidateIn(e.pfn(), level - 1);
    } else if (e.present()) {
      FL_CHECK(phys_->Contains(e.pfn()));
      const FrameUse use = phys_->folio(e.pfn()).use;
      FL_CHECK(use != FrameUse::kFree);
      with_deposit +=
          level > 0 && use != FrameUse::kPageCache && use != FrameUse::kHugeTlb
              ? 1
              : 0;
    }
  }
  FL_CHECK(entries == frame.entries && with_deposit == frame.deposits);
  Pfn spare = frame.head;
  for (int32_t i = 0; i < frame.deposits; ++i) {
    const Frame& f = phys_->frame(spare);
    FL_CHECK(f.use == FrameUse::kPageTable && f.entries == 0);
    spare = f.head;
  }
  return tables + PageCount(uint64_t(frame.deposits));
}

}  // namespace faultline::mm
