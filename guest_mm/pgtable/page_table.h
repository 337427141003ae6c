#ifndef FAULTLINE_GUEST_MM_PGTABLE_PAGE_TABLE_H_
#define FAULTLINE_GUEST_MM_PGTABLE_PAGE_TABLE_H_

// PageTable: one address space's tree of tables in guest physical memory, and
// the one generic walk over it. Geometry and entry bits come from ArchOps.
// Linux: mm/pagewalk.c, __pte_alloc(), pte_offset_map_lock().
//
// A table's frame carries its lock (ptl) and its count of used entries. Tables
// are freed by FreeEmptyTables(), under mmap_lock for writing.

#include <cstdint>
#include <functional>

#include "guest_mm/arch_ops.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/phys/phys_mem.h"
#include "guest_mm/sync/footprint.h"

namespace faultline::mm {

// A place in the tree: the word for an address at a level.
struct EntryRef {
  int level = 0;
  Pfn table;                 // the frame that holds the word
  uint64_t* word = nullptr;  // in guest memory
  GuestAddr address;         // start of what the entry covers
  explicit operator bool() const { return word != nullptr; }
};

class PageTable {
 public:
  // kENOMEM if there is no frame for the root.
  static ErrnoOr<PageTable> Create(PhysMem& phys, const ArchOps& arch);
  PageTable(PageTable&& other) noexcept;
  PageTable& operator=(PageTable&&) = delete;
  // All entries must be gone; frees the tables left.
  ~PageTable();

  Pfn root() const { return root_; }
  const ArchOps& arch() const { return *arch_; }
  PhysMem& phys() const { return *phys_; }
  // Tables in use, in pages (VmPTE counts levels 0; all count for meminfo).
  PageCount tables() const { return tables_; }
  PageCount tables_at(int level) const { return at_level_[level]; }

  // Goes down as far as there are tables; returns the entry where the walk
  // ends: level 0, a huge page, a none entry above. Never null.
  EntryRef Walk(GuestAddr a) const;
  // The entry for `a` at exactly `level`, or null if a table is missing or a
  // huge page is in the way.
  EntryRef Find(GuestAddr a, int level) const;
  // The same, making missing tables. kENOMEM: those made so far stay (empty
  // tables are legal). kEEXIST if a huge page is in the way. Takes the locks
  // of upper tables: hold none. Others may run before it returns.
  ErrnoOr<EntryRef> FindOrAllocate(GuestAddr a, int level);

  Entry Get(const EntryRef& r) const {
    NoteRead(r.word);
    return arch_->Decode(r.level, *r.word);
  }
  // Writes the entry and keeps the table's count of used entries. The caller
  // holds the table's lock and flushes the TLB if a right was taken away.
  void Set(const EntryRef& r, const Entry& e);

  // A spare level-0 table goes with each huge anonymous entry, so that the
  // entry can always be split. AllocateSpare: kENOMEM; an allocation, so hold
  // no lock. The others: under the lock of the huge entry's table.
  // Linux: pte_alloc_one(), pgtable_trans_huge_deposit(), ..._withdraw().
  ErrnoOr<Pfn> AllocateSpare();
  void FreeSpare(Pfn table) { phys_->Put(table); }
  void Deposit(const EntryRef& huge, Pfn spare);
  Pfn Withdraw(const EntryRef& huge);
  // Makes `parent` lead to `table` (pmd_install()), and back.
  void Install(const EntryRef& parent, Pfn table);
  Pfn Detach(const EntryRef& parent);

  // The lock over a table's entries (pte_lockptr, pmd_lockptr).
  Lock& LockOf(const EntryRef& r) const { return phys_->frame(r.table).lock; }

  // Does the tree still lead to the table that holds `r`? (table_lock.h)
  bool InTree(const EntryRef& r) const {
    return Find(r.address, r.level).word == r.word;
  }

  // Calls `fn` for each entry that is not none and not a table, in address
  // order, skipping missing tables; huge pages once. `fn` may Set() it, having
  // taken the lock and looked again. Returning false stops. Takes no locks; if
  // a table goes while `fn` waits, its entries are gone through once more.
  using Visitor = std::function<bool(const EntryRef&, const Entry&)>;
  void ForEach(GuestRange range, const Visitor& fn) const;

  // Frees tables that lie wholly in `range` (widened to `floor`..`ceiling`,
  // as free_pgtables() does) and are empty. The caller flushes first.
  void FreeEmptyTables(GuestRange range, GuestRange limits);

  // As hardware does on an access: finds the leaf, checks rights, sets the
  // accessed (and for a store the dirty) bit. The TLB is filled from this.
  struct Translation {
    Pfn pfn;             // of the base page that holds the address
    bool write = false;  // stores allowed without another fill
    bool exec = false;
    int level = 0;
    EntryFlags flags;
  };
  // False: not present or not permitted; `*present` says which (may be null).
  bool Translate(GuestAddr a, Access access, Mode mode, Translation* out,
                 bool* present);

  // Compares every table's counts with its words; dies on a broken invariant.
  void Validate() const;

 private:
  PageTable(PhysMem& phys, const ArchOps& arch, Pfn root);

  EntryRef RefIn(Pfn table, int level, GuestAddr a) const;
  ErrnoOr<Done> AddTable(const EntryRef& parent);
  void Count(int level);
  void Uncount(int level);
  void FreeEmptyIn(Pfn table, int level, GuestRange range, GuestRange limits);
  void FreeAllIn(Pfn table, int level);
  PageCount ValidateIn(Pfn table, int level) const;
  void MakeTagged(const EntryRef& r, const Entry& e) const;
  void TraceSet(const EntryRef& r, const Entry& e) const;

  PhysMem* phys_;  // null: moved from
  const ArchOps* arch_;
  Pfn root_;
  PageCount tables_{1};
  PageCount at_level_[6] = {};  // by the level of the entries they hold
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_PAGE_TABLE_H_
