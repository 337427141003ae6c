#include "plugin/linux/fs/iov_iter.h"

#include <algorithm>
#include <cstring>

namespace faultline::os {
namespace {

constexpr uint64_t kMaxSegments = 1024;  // UIO_MAXIOV

}  // namespace

IovIter IovIter::User(UserMemory user, uint64_t base, uint64_t length) {
  IovIter it;
  it.user_.emplace(user);
  it.segments_.push_back({base, std::min(length, kMaxRwCount)});
  it.remaining_ = it.segments_[0].length;
  return it;
}

ErrnoOr<IovIter> IovIter::FromUserIovec(UserMemory user, uint64_t iov,
                                        uint64_t count) {
  if (count > kMaxSegments) {
    return Errno::kEINVAL;
  }
  IovIter it;
  it.user_.emplace(user);
  for (uint64_t i = 0; i < count; ++i) {
    FL_ASSIGN(Segment segment, user.Get<Segment>(iov + i * sizeof(Segment)));
    if (int64_t(segment.length) < 0) {
      return Errno::kEINVAL;
    }
    if (!user.AccessOk(segment.base, segment.length)) {
      return Errno::kEFAULT;
    }
    segment.length = std::min(segment.length, kMaxRwCount - it.remaining_);
    it.remaining_ += segment.length;
    it.segments_.push_back(segment);
  }
  return it;
}

IovIter IovIter::Kernel(absl::Span<std::byte> buffer) {
  IovIter it;
  it.kernel_to_ = buffer.data();
  it.kernel_from_ = buffer.data();
  it.remaining_ = buffer.size();
  return it;
}

IovIter IovIter::Kernel(absl::Span<const std::byte> buffer) {
  IovIter it;
  it.kernel_from_ = buffer.data();
  it.remaining_ = buffer.size();
  return it;
}

void IovIter::Truncate(uint64_t bytes) {
  remaining_ = std::min(remaining_, bytes);
}

bool IovIter::AlignedTo(uint64_t block) const {
  uint64_t left = remaining_;
  uint64_t skip = offset_;
  for (size_t i = segment_; left > 0; ++i) {
    const uint64_t n = std::min(segments_[i].length - skip, left);
    if (n != 0 && ((segments_[i].base + skip) % block != 0 || n % block != 0)) {
      return false;
    }
    left -= n;
    skip = 0;
  }
  return true;
}

IovIter::Segment IovIter::NextPiece() {
  while (offset_ == segments_[segment_].length) {
    ++segment_;
    offset_ = 0;
  }
  const Segment& segment = segments_[segment_];
  return {segment.base + offset_,
          std::min(segment.length - offset_, remaining_)};
}

void IovIter::Advance(uint64_t bytes) {
  offset_ += bytes;
  remaining_ -= bytes;
}

template <typename Copy>
size_t IovIter::ForEachPiece(size_t bytes, Copy copy) {
  bytes = size_t(std::min<uint64_t>(bytes, remaining_));
  size_t done = 0;
  while (done < bytes) {
    const Segment& segment = segments_[segment_];
    if (offset_ == segment.length) {
      ++segment_;
      offset_ = 0;
      continue;
    }
    const size_t n =
        size_t(std::min<uint64_t>(bytes - done, segment.length - offset_));
    const size_t moved = n - copy(segment.base + offset_, done, n);
    done += moved;
    offset_ += moved;
    if (moved < n) {
      break;
    }
  }
  remaining_ -= done;
  return done;
}

size_t IovIter::CopyTo(absl::Span<const std::byte> from) {
  if (user_) {
    return ForEachPiece(from.size(), [&](uint64_t at, size_t done, size_t n) {
      return user_->CopyTo(at, from.subspan(done, n));
    });
  }
  FL_CHECK(kernel_to_ != nullptr || from.empty());
  const size_t n = size_t(std::min<uint64_t>(from.size(), remaining_));
  if (n != 0) {
    std::memcpy(kernel_to_ + offset_, from.data(), n);
  }
  offset_ += n;
  remaining_ -= n;
  return n;
}

size_t IovIter::CopyFrom(absl::Span<std::byte> to) {
  if (user_) {
    return ForEachPiece(to.size(), [&](uint64_t at, size_t done, size_t n) {
      return user_->CopyFrom(to.subspan(done, n), at);
    });
  }
  const size_t n = size_t(std::min<uint64_t>(to.size(), remaining_));
  if (n != 0) {
    std::memcpy(to.data(), kernel_from_ + offset_, n);
  }
  offset_ += n;
  remaining_ -= n;
  return n;
}

size_t IovIter::CopyFromNofault(absl::Span<std::byte> to) {
  if (!user_) {
    return CopyFrom(to);
  }
  return ForEachPiece(to.size(), [&](uint64_t at, size_t done, size_t n) {
    return user_->CopyFromNofault(to.subspan(done, n), at);
  });
}

bool IovIter::FaultInReadable(size_t bytes) {
  if (!user_) {
    return true;
  }
  IovIter ahead = *this;
  return ahead.ForEachPiece(bytes, [&](uint64_t at, size_t, size_t n) {
    return user_->FaultInReadable(at, n);
  }) != 0;
}

size_t IovIter::Clear(size_t bytes) {
  if (user_) {
    return ForEachPiece(bytes, [&](uint64_t at, size_t, size_t n) {
      return user_->Clear(at, n);
    });
  }
  FL_CHECK(kernel_to_ != nullptr || bytes == 0);
  const size_t n = size_t(std::min<uint64_t>(bytes, remaining_));
  if (n != 0) {
    std::memset(kernel_to_ + offset_, 0, n);
  }
  offset_ += n;
  remaining_ -= n;
  return n;
}

}  // namespace faultline::os
