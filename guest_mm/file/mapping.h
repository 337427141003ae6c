#ifndef FAULTLINE_GUEST_MM_FILE_MAPPING_H_
#define FAULTLINE_GUEST_MM_FILE_MAPPING_H_

// Mapping: one file's page cache and the VMAs that map it. Linux: struct
// address_space (mm/filemap.c, mm/shmem.c, mm/truncate.c).
//
// Every byte of a file in memory lives here, in guest frames: read(2),
// write(2) and mmap(2) see the same pages. A page absent from the cache is
// asked of the Backing (a bound host file) or is a hole of zeros (memory
// files, shmem, memfd).
//
// Pages come one by one or, where shmem may have them (HugeOption) or a
// collapse has made them, as huge folios. Each page of a folio has its own
// place in pages(); what is known of it is in the folio's head. A folio is in
// the cache with all its pages or none.
//
// Locking: pages() by the scheduler's one-actor-at-a-time rule between
// schedule points; a page's contents by its page lock while not uptodate;
// vmas() by i_mmap_lock.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/file/backing.h"
#include "guest_mm/file/page_index.h"
#include "guest_mm/file/shmem_mount.h"
#include "guest_mm/phys/phys_mem.h"
#include "guest_mm/sync/lock.h"

namespace faultline::mm {

class Vma;
struct FolioSpan;

// Inside a page lock, as in Linux (mm/rmap.c): a page being truncated is
// locked while its mappings are looked for.
inline constexpr LockClass kIMmapLock{
    "i_mmap", {"i_mmap.locked"}, {"i_mmap.unlocked"}, 50};

class Mapping {
 public:
  enum class Kind : uint8_t {
    kShmem,    // tmpfs, memfd, shared anonymous: counted as rss_shmem
    kRegular,  // everything else: counted as rss_file
  };

  // `backing` may be null: absent pages are zeros.
  Mapping(PhysMem& phys, Kind kind, std::unique_ptr<Backing> backing);
  // No VMA may map it any more. Puts its pages.
  ~Mapping();

  Kind kind() const { return kind_; }
  uint64_t size() const { return size_; }
  // The tmpfs whose file it is; never set: the kernel's own. Before any page.
  void set_mount(std::shared_ptr<ShmemMount> mount) {
    mount_ = std::move(mount);
  }
  const ShmemMount* mount() const;

  // Sets the size. Shrinking unmaps and drops whole pages beyond it and zeroes
  // the tail of the last one (truncate_pagecache). Growing only moves the end.
  void Resize(uint64_t size);
  // Drops whole pages in the range and zeroes partial ones
  // (FALLOC_FL_PUNCH_HOLE, MADV_REMOVE); mapped pages are unmapped first.
  void PunchHole(uint64_t offset, uint64_t length);
  // Makes sure that pages exist (fallocate). Those of a file without a Backing
  // are uptodate only from their next use on. kENOMEM leaves those made so far.
  ErrnoOr<Done> Reserve(uint64_t offset, uint64_t length);

  // The page at `index`, or nothing if it is not in the cache.
  // No reference is taken.
  const Pfn* Find(uint64_t index) const;
  // The page at `index`, read or made if absent, uptodate, with a reference
  // for the caller. kENOMEM, kEIO, kENOSPC. Does not look at size(): callers
  // do. `vma`: through which mapping it is wanted, if any.
  ErrnoOr<Pfn> FindOrCreate(uint64_t index, const Vma* vma = nullptr);

  // shmem_write_begin() of bytes `at` to `end`, and _end() of those copied.
  ErrnoOr<Pfn> BeginWrite(uint64_t at, uint64_t end);
  void EndWrite(Pfn pfn, uint64_t at, uint64_t copied);
  // Copies between the file and `bytes`, no further than size() when reading;
  // writing extends the file. Returns the count. An error after the first
  // byte is a short count.
  ErrnoOr<uint64_t> Read(uint64_t offset, absl::Span<std::byte> bytes);
  ErrnoOr<uint64_t> Write(uint64_t offset, absl::Span<const std::byte> bytes);

  // Writes dirty pages of the range to the Backing (msync, fsync).
  ErrnoOr<Done> WriteBack(uint64_t offset, uint64_t length);

  // Makes `pfn` the page at `index`: new, locked, filled, with one reference,
  // the caller's, and mapped by nobody. kEEXIST: there is one, perhaps in swap.
  // kENOMEM: the file system is full.
  ErrnoOr<Done> AddNewPage(uint64_t index, Pfn pfn);
  // Takes such a page out again, still locked and not mapped.
  void RemoveNewPage(Pfn pfn);

  // How often a page was looked for, by index, or room made for one.
  uint64_t lookups() const { return lookups_; }

  PageCount cached() const { return PageCount(pages_.size()); }
  // Pages that are in swap, not in the cache; a page is in one of the two.
  PageCount swapped() const { return PageCount(swapped_.size()); }
  std::optional<SwapSlot> SwapSlotOf(uint64_t index) const;
  // The first page from `index` on that is in memory or swap: no hole.
  std::optional<uint64_t> NextPage(uint64_t index) const;
  // How many of the pages [first, end) are in swap
  // (shmem_partial_swap_usage()).
  PageCount SwappedIn(uint64_t first, uint64_t end) const;
  // The page is not in memory, and must be read to be used: a major fault.
  bool MustRead(uint64_t index) const;
  const PageIndex& pages() const { return pages_; }
  // For reclaim. The page is ours, locked, mapped by nobody, and but for the
  // cache's reference only the caller has one. False: it cannot go.
  //
  // To swap, shmem's: it leaves the cache for the swap cache and is written
  // (shmem_writepage()).
  bool SwapOut(Pfn pfn);
  // swapoff: brings all that is in swap back. kENOMEM.
  ErrnoOr<Done> SwapInAll();
  // To the Backing, if it is dirty.
  ErrnoOr<Done> WritePage(Pfn pfn);
  // A huge folio of ours, locked and mapped by nobody, has just become pages of
  // their own, all locked: drops those beyond the end.
  void WasSplit(FolioSpan span);
  // A new huge folio, locked, takes the place of pages `first` on, each of
  // which is locked, unmapped, and held by the caller besides the cache; for
  // holes there must be room, else false, and nothing has changed. The new
  // folio is complete, and the caller keeps its reference.
  bool Replace(uint64_t first, Pfn head);
  // Page `old` of ours, locked and mapped by nobody, is in frame `to` from now
  // on, which is locked, complete, and holds its bytes; the cache's reference
  // goes with it.
  void MovePage(Pfn old, Pfn to);

  // Open files and other holders that may write to it (i_writecount). The first
  // one ends the time of its huge pages, if it is no memory file: they are
  // dropped with all other pages, for only what is read can be huge
  // (do_dentry_open(), filemap_nr_thps()). May come to schedule points.
  void GetWriteAccess();
  void PutWriteAccess() { --writers_; }
  bool open_for_writing() const { return writers_ > 0; }

  // Forgets a clean page that the Backing can give again.
  bool DropPage(Pfn pfn);
  // Can a page of this file ever be had back once it is dropped?
  bool evictable() const {
    return backing_ != nullptr || kind_ == Kind::kShmem;
  }

  // Drops clean, unmapped pages that the Backing can give again; returns how
  // many (reclaim).
  PageCount DropClean();

  // VMAs that map it, in order of file page, address space and address; kept
  // by VmaSet. Guarded by i_mmap_lock.
  struct VmaKey {
    uint64_t pgoff;
    uint64_t mm_id;
    GuestAddr start;
    friend auto operator<=>(const VmaKey&, const VmaKey&) = default;
  };
  Lock& i_mmap_lock() { return i_mmap_lock_; }
  const std::map<VmaKey, Vma*>& vmas() const { return vmas_; }
  void Link(Vma& vma);
  void Unlink(Vma& vma);

  // Every cached page is ours, uptodate if mapped, and counted; every VMA is
  // filed under its own key. Dies if not.
  void Validate() const;

 private:
  // What becomes of absent pages: read from a Backing, not if all of it is to
  // be overwritten, or left to the next use.
  enum class Fill : uint8_t { kRead, kOverwritten, kLater };
  // How a page is wanted: up to which byte it will be written, through which
  // mapping.
  struct Want {
    Fill fill = Fill::kRead;
    uint64_t write_end = 0;
    const Vma* vma = nullptr;
  };
  ErrnoOr<Pfn> Grab(uint64_t index, const Want& want);
  // Page `index`, new, with a reference; huge or not. kEEXIST: somebody else
  // has put one there, or near enough to be in the way.
  ErrnoOr<Pfn> Add(uint64_t index, const Want& want);
  ErrnoOr<Pfn> AddHuge(uint64_t index, const Want& want);
  ErrnoOr<Pfn> AddPage(uint64_t index, const Want& want);
  bool WantsHuge(uint64_t index, const Want& want) const;
  bool AnyPageIn(uint64_t first, uint64_t end) const;
  // Puts the new, locked folio in its place.
  void Insert(uint64_t first, Pfn head);
  ErrnoOr<Done> ReadIn(uint64_t index, Pfn pfn);
  // One huge folio more, or less, is in the cache.
  enum class Change : int8_t { kLess = -1, kMore = 1 };
  void CountHuge(Change change, PageCount pages);
  bool TakeRoom(PageCount pages);
  void GiveRoom(PageCount pages);
  // Brings page `index` back from `slot` (shmem_swapin_folio()), with a
  // reference. kENOMEM; kEAGAIN: look again.
  ErrnoOr<Pfn> SwapIn(uint64_t index, SwapSlot slot);
  // Zaps the pages [first, last] from every VMA that maps them.
  void UnmapPages(uint64_t first, uint64_t last, bool even_cows);
  // Drops the pages [first, last] from the cache, unmapping stragglers.
  void DropPages(uint64_t first, uint64_t last);
  // The folio of the page at `index`: all of it, or, split, what lies in the
  // range. Returns where to go on.
  uint64_t DropFolio(uint64_t index, Pfn pfn, uint64_t first, uint64_t last);
  bool SplitAndZero(Pfn pfn, uint64_t first, uint64_t last);
  void DropSwapped(uint64_t first, uint64_t last);
  // The folio leaves the cache.
  void Forget(Pfn head);
  // Zeroes bytes [from, to) of page `index` if it is, or must be, in memory.
  void ZeroPart(uint64_t index, uint64_t from, uint64_t to);
  // Collects the dirty bits of the entries that map [first, last]
  // (folio_mkclean()).
  void CleanEntries(uint64_t first, uint64_t last);
  uint64_t page_bytes() const { return phys_.page_shift().bytes(); }

  PhysMem& phys_;
  Kind kind_;
  std::unique_ptr<Backing> backing_;
  std::shared_ptr<ShmemMount> mount_;
  uint64_t size_ = 0;
  // Up to this page fallocate() has made pages that may lie beyond the end.
  uint64_t reserved_end_ = 0;
  int64_t writers_ = 0;
  uint64_t huge_folios_ = 0;  // nr_thps
  mutable uint64_t lookups_ = 0;
  PageIndex pages_;
  std::map<uint64_t, SwapSlot> swapped_;  // by page; shmem only
  Lock i_mmap_lock_{kIMmapLock};
  std::map<VmaKey, Vma*> vmas_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FILE_MAPPING_H_
