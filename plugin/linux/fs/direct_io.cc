#include "plugin/linux/fs/direct_io.h"

#include <algorithm>
#include <vector>

#include "guest_mm/file/invalidate.h"
#include "guest_mm/gup/gup.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/phys/dma_engine.h"
#include "plugin/linux/fs/iov_iter.h"
#include "plugin/linux/fs/regular_file.h"

namespace faultline::os {
namespace {

using mm::DmaDirection;

constexpr size_t kMostSegments = 256;  // BIO_MAX_VECS

class BackingDevice final : public mm::DmaDevice {
 public:
  explicit BackingDevice(mm::Backing& backing) : backing_(backing) {}
  ErrnoOr<Done> Read(uint64_t at, absl::Span<std::byte> to) override {
    return backing_.ReadPage(at, to);
  }
  ErrnoOr<Done> Write(uint64_t at, absl::Span<const std::byte> from) override {
    return backing_.WritePage(at, from);
  }

 private:
  mm::Backing& backing_;
};

// bdev_iter_is_aligned(), and the file's offset.
bool Aligned(uint64_t offset, const IovIter& iter) {
  return offset % kDirectBlock == 0 && iter.AlignedTo(kDirectBlock);
}

// One bio: pages pinned, moved and let go of.
class Bio {
 public:
  Bio(mm::AddressSpace& space, mm::DmaDevice& device, uint64_t at,
      DmaDirection direction)
      : space_(space),
        request_{.device = device, .at = at, .direction = direction} {}
  ~Bio() {
    for (const mm::DmaSegment& segment : request_.segments) {
      if (to_memory()) {
        mm::UnpinDirty(space_.system(), segment.page);
      } else {
        mm::ReleasePage(space_.system(), segment.page, mm::Grab::kPin);
      }
    }
  }
  Bio(const Bio&) = delete;
  Bio& operator=(const Bio&) = delete;

  // bio_iov_iter_get_pages(): as many of the next bytes as it has room for and
  // can be had; an error only if that is none.
  ErrnoOr<Done> Fill(IovIter& iter) {
    while (iter.remaining() > 0 && request_.segments.size() < kMostSegments) {
      const ErrnoOr<Done> added = AddPiece(iter);
      if (!added.ok()) {
        return request_.segments.empty() ? added : kDone;
      }
    }
    return kDone;
  }

  // submit_bio(), and waits for it. Bytes moved.
  ErrnoOr<uint64_t> Transfer() {
    mm::DmaEngine& engine = space_.system().dma();
    engine.Submit(request_);
    engine.Wait(request_);
    return request_.error == Errno::kOk ? ErrnoOr<uint64_t>(request_.done)
                                        : request_.error;
  }

 private:
  bool to_memory() const {
    return request_.direction == DmaDirection::kToMemory;
  }

  // Pages of the buffer that comes next.
  ErrnoOr<Done> AddPiece(IovIter& iter) {
    const IovIter::Segment piece = iter.NextPiece();
    const mm::PageShift shift = space_.page_shift();
    const mm::GuestAddr start =
        space_.system().arch().Untag(mm::GuestAddr(piece.base));
    uint64_t offset = start.PageOffset(shift);
    const uint64_t pages = (piece.length - 1 + offset) / shift.bytes() + 1;
    std::vector<mm::Pfn> pinned;
    FL_TRY(mm::GetUserPagesFast(
        space_, start,
        std::min<uint64_t>(pages, kMostSegments - request_.segments.size()),
        {.grab = mm::Grab::kPin, .write = to_memory()}, &pinned));
    uint64_t left = piece.length;
    for (const mm::Pfn pfn : pinned) {
      const uint64_t n = std::min(left, shift.bytes() - offset);
      request_.segments.push_back({pfn, uint32_t(offset), uint32_t(n)});
      left -= n;
      offset = 0;
    }
    iter.Advance(piece.length - left);
    return kDone;
  }

  mm::AddressSpace& space_;
  mm::DmaRequest request_;
};

// iomap_dio_rw(): what has failed, fails the whole, whatever came before it.
ErrnoOr<uint64_t> Run(RegularInode& inode, mm::AddressSpace& mm,
                      uint64_t offset, IovIter& iter, DmaDirection direction) {
  BackingDevice device(*inode.backing());
  uint64_t done = 0;
  while (iter.remaining() > 0) {
    Bio bio(mm, device, offset + done, direction);
    FL_TRY(bio.Fill(iter));
    FL_ASSIGN(const uint64_t n, bio.Transfer());
    done += n;
  }
  return done;
}

}  // namespace

ErrnoOr<uint64_t> DirectRead(RegularInode& inode, mm::AddressSpace& mm,
                             uint64_t offset, IovIter& to) {
  if (to.remaining() == 0 || offset >= inode.size()) {
    return uint64_t{0};
  }
  if (!Aligned(offset, to)) {
    return Errno::kEINVAL;
  }
  // All of the buffer is filled; behind the end there are zeros.
  const uint64_t left = inode.size() - offset;
  FL_TRY(inode.mapping().WriteBack(offset, to.remaining()));
  FL_ASSIGN(const uint64_t n,
            Run(inode, mm, offset, to, DmaDirection::kToMemory));
  return std::min(n, left);
}

ErrnoOr<uint64_t> DirectWrite(RegularInode& inode, mm::AddressSpace& mm,
                              uint64_t offset, IovIter& from) {
  if (!Aligned(offset, from)) {
    return Errno::kEINVAL;
  }
  const uint64_t length = from.remaining();
  mm::Mapping& mapping = inode.mapping();
  if (!mm::InvalidatePages(mm.system(), mapping, offset, length)) {
    // kiocb_invalidate_pages(): somebody holds on to a page that is cached, so
    // the bytes go by way of it.
    FL_ASSIGN(const uint64_t n, inode.WritePages(offset, from));
    FL_TRY(mapping.WriteBack(offset, n));
    return n;
  }
  const ErrnoOr<uint64_t> n =
      Run(inode, mm, offset, from, DmaDirection::kFromMemory);
  if (n.ok()) {
    inode.DirectlyWritten(offset + *n);
  }
  // What was read meanwhile is old.
  (void)mm::InvalidatePages(mm.system(), mapping, offset, length);
  return n;
}

}  // namespace faultline::os
