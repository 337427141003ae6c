#include "guest_mm/hugetlb/reservation.h"

#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {
namespace {

// `pages` out of the subpool's share and the pool. kENOMEM.
ErrnoOr<Done> ReserveFrom(HugePagePool& pool, HugePageSubpool* subpool,
                          uint64_t pages) {
  uint64_t of_pool = pages;
  if (subpool != nullptr) {
    FL_ASSIGN(of_pool, subpool->Get(pages));
  }
  const ErrnoOr<Done> reserved = pool.Reserve(of_pool);
  if (!reserved.ok() && subpool != nullptr) {
    pool.Unreserve(subpool->Cancel(pages, of_pool));
  }
  return reserved;
}

void UnreserveTo(HugePagePool& pool, HugePageSubpool* subpool, uint64_t pages) {
  pool.Unreserve(subpool == nullptr ? pages : subpool->Put(pages));
}

ErrnoOr<std::shared_ptr<HugetlbShare>> NewShare(MemoryManager& system) {
  FL_ASSIGN(Slab::Charge charge, system.slab().Take(sizeof(HugetlbShare)));
  auto share = std::make_shared<HugetlbShare>();
  share->charge = std::move(charge);
  return share;
}

}  // namespace

HugePageClaim HugePageClaim::Of(const Vma& vma, GuestAddr a) {
  return {*vma.file->hugetlb(), HugeIndex(vma, a), vma.has(VmaFlag::kMayShare),
          OwnsReservation(vma) ? &vma.hugetlb_share->used_up : nullptr};
}

bool HugePageClaim::Lacks() const {
  if (shared) {
    return file.reserved().Missing(index, index + 1) > 0;
  }
  return used_up == nullptr || used_up->Count(index, index + 1) > 0;
}

bool HugePageClaim::Commit() const {
  if (shared) {
    return file.reserved().Add(index, index + 1) > 0;
  }
  return used_up == nullptr || used_up->Add(index, index + 1) == 0;
}

void HugePageClaim::Add() const {
  if (shared) {
    file.reserved().Add(index, index + 1);
  } else if (used_up != nullptr) {
    used_up->Remove(index, index + 1);
  }
}

void HugePageClaim::Drop() const {
  if (shared) {
    file.reserved().Remove(index, index + 1);
  } else if (used_up != nullptr) {
    used_up->Add(index, index + 1);
  }
}

ErrnoOr<Pfn> AllocateHugePage(PhysMem& phys, const HugePageClaim& claim,
                              Reserves reserves) {
  HugePagePool& pool = claim.file.pool();
  HugePageSubpool* const subpool = claim.file.subpool().get();
  const bool avoid = reserves == Reserves::kAvoid;
  const bool lacked = claim.Lacks();
  // Without a reservation of its own, one of the mount's may serve.
  bool global = lacked;
  if ((lacked || avoid) && subpool != nullptr) {
    const ErrnoOr<uint64_t> got = subpool->Get(1);
    if (!got.ok()) {
      return Errno::kENOSPC;
    }
    global = *got > 0;
  }
  const bool promised = (claim.shared || claim.used_up != nullptr) && !global;
  const std::optional<Pfn> page =
      pool.Take(promised && !avoid ? HugePagePool::For::kReservation
                                   : HugePagePool::For::kAnyone);
  if (!page.has_value()) {
    if ((lacked || avoid) && subpool != nullptr) {
      (void)subpool->Put(1);
    }
    return Errno::kENOSPC;
  }
  claim.file.hugetlb().SetSubpool(*page, claim.file.subpool());
  const bool lacked_until_now = claim.Commit();
  if (lacked && !lacked_until_now) {
    // Somebody has reserved it meanwhile, and the page has used that up.
    UnreserveTo(pool, subpool, 1);
    phys.frame(*page).restore_reserve = false;
  }
  return *page;
}

void RestoreReserveOnError(PhysMem& phys, const HugePageClaim& claim,
                           Pfn page) {
  const bool lacks = claim.Lacks();
  if (phys.frame(page).restore_reserve) {
    if (lacks) {
      claim.Add();
    }
  } else if (!lacks) {
    claim.Drop();
  }
}

ErrnoOr<Done> HugetlbFile::Reserve(uint64_t from, uint64_t to) {
  if (from > to) {
    return Errno::kENOMEM;
  }
  const uint64_t missing = reserved_.Missing(from, to);
  FL_TRY(ReserveFrom(pool_, subpool_.get(), missing));
  const uint64_t added = reserved_.Add(from, to);
  // What others have added while surplus pages were got was reserved twice.
  FL_DCHECK(added <= missing);
  UnreserveTo(pool_, subpool_.get(), missing - added);
  return kDone;
}

void HugetlbFile::Unreserve(uint64_t from, uint64_t to, uint64_t freed) {
  const uint64_t removed = reserved_.Remove(from, to);
  FL_CHECK(removed >= freed);
  UnreserveTo(pool_, subpool_.get(), removed - freed);
}

ErrnoOr<Done> MapHugetlb(AddressSpace& mm, Vma& vma) {
  HugetlbFile& file = *vma.file->hugetlb();
  const HugePagePool& pool = file.pool();
  const int page_shift = mm.page_shift().value();
  const uint64_t offset = vma.pgoff << page_shift;
  const uint64_t end = offset + vma.range.size();
  if (offset >> page_shift != vma.pgoff || int64_t(end) < int64_t(offset) ||
      int64_t(offset) < 0 || offset % pool.bytes() != 0) {
    return Errno::kEINVAL;
  }
  const bool shared = vma.has(VmaFlag::kMayShare);
  const bool reserve =
      !vma.has(VmaFlag::kNoReserve) && !file.reserved_before_mmap;
  if (shared || reserve) {
    FL_ASSIGN(vma.hugetlb_share, NewShare(mm.system()));
  }
  WriteGuard guard(file.lock());
  const uint64_t from = offset >> pool.shift();
  const uint64_t to = end >> pool.shift();
  if (reserve) {
    FL_TRY(shared ? file.Reserve(from, to)
                  : ReserveFrom(file.pool(), file.subpool().get(), to - from));
  }
  if (vma.has(VmaFlag::kWrite) && file.size() < end) {
    file.Extend(end);
  }
  return kDone;
}

ErrnoOr<Done> ForkHugetlb(Vma& child) {
  child.hugetlb_share = nullptr;
  child.hugetlb_unmapped = false;
  if (child.has(VmaFlag::kMayShare)) {
    FL_ASSIGN(child.hugetlb_share, NewShare(child.mm->system()));
  }
  return kDone;
}

void CloseHugetlb(const Vma& vma) {
  if (!OwnsReservation(vma)) {
    return;
  }
  HugetlbFile& file = *vma.file->hugetlb();
  const uint64_t from = HugeIndex(vma, vma.range.start);
  const uint64_t to = HugeIndex(vma, vma.range.end);
  UnreserveTo(file.pool(), file.subpool().get(),
              to - from - vma.hugetlb_share->used_up.Count(from, to));
}

}  // namespace faultline::mm
