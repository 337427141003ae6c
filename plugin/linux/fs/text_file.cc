#include "plugin/linux/fs/text_file.h"

#include <algorithm>
#include <cstring>

#include "plugin/linux/fs/regular_file.h"

namespace faultline::os {

ErrnoOr<Done> TextInode::Store(absl::string_view) { return Errno::kEINVAL; }

ErrnoOr<std::shared_ptr<File>> TextInode::Open(const Caller&, const Path& path,
                                               uint32_t flags) {
  return std::shared_ptr<File>(std::make_shared<TextFile>(path, flags));
}

ErrnoOr<uint64_t> TextFile::ReadAt(Task&, uint64_t offset,
                                   absl::Span<std::byte> to) {
  if (offset == 0 || !made_) {
    FL_ASSIGN(text_, text_inode().Show());
    made_ = true;
  }
  if (offset >= text_.size()) {
    return uint64_t{0};
  }
  const size_t n = std::min(to.size(), text_.size() - size_t(offset));
  std::memcpy(to.data(), text_.data() + offset, n);
  return uint64_t{n};
}

ErrnoOr<uint64_t> TextFile::Read(Task& task, absl::Span<std::byte> to) {
  FL_ASSIGN(const uint64_t n, ReadAt(task, position_, to));
  position_ += n;
  return n;
}

ErrnoOr<uint64_t> TextFile::Write(Task&, absl::Span<const std::byte> from) {
  FL_TRY(text_inode().Store(absl::string_view(
      reinterpret_cast<const char*>(from.data()), from.size())));
  position_ += from.size();
  return uint64_t{from.size()};
}

ErrnoOr<uint64_t> TextFile::WriteAt(Task& task, uint64_t,
                                    absl::Span<const std::byte> from) {
  return Write(task, from);
}

ErrnoOr<uint64_t> TextFile::Seek(int64_t offset, int whence) {
  if (whence > 1) {
    return Errno::kEINVAL;  // its end is not known before it is made
  }
  FL_ASSIGN(position_, SeekTo(offset, whence, position_, 0));
  return position_;
}

}  // namespace faultline::os
