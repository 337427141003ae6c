#ifndef FAULTLINE_PLUGIN_LINUX_FS_TEXT_FILE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_TEXT_FILE_H_

// TextInode: a file whose contents are made when it is read and understood
// when it is written: /proc and /sys. Linux: fs/seq_file.c, fs/kernfs.
//
// An open file keeps the text it made at offset 0, so that a reader with a
// small buffer sees one consistent text; reading from 0 again makes a new one.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "plugin/linux/fs/path_file.h"

namespace faultline::os {

class TextInode : public Inode {
 public:
  using Inode::Inode;

  // The text. An error is read(2)'s answer (kESRCH: the process is gone).
  virtual ErrnoOr<std::string> Show() = 0;
  // Takes what one write(2) brought. kEINVAL for what it does not understand;
  // then nothing has changed.
  virtual ErrnoOr<Done> Store(absl::string_view text);

  ErrnoOr<std::shared_ptr<File>> Open(const Caller& caller, const Path& path,
                                      uint32_t flags) override;
  ErrnoOr<Done> SetAttr(const AttrChange&) override { return Errno::kEPERM; }
  // O_TRUNC is harmless here: `echo 1 > /proc/...`.
  ErrnoOr<Done> Truncate(uint64_t) override { return kDone; }
};

class TextFile final : public PathFile {
 public:
  using PathFile::PathFile;

  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override;
  ErrnoOr<uint64_t> ReadAt(Task& task, uint64_t offset,
                           absl::Span<std::byte> to) override;
  ErrnoOr<uint64_t> Write(Task& task,
                          absl::Span<const std::byte> from) override;
  ErrnoOr<uint64_t> WriteAt(Task& task, uint64_t offset,
                            absl::Span<const std::byte> from) override;
  ErrnoOr<uint64_t> Seek(int64_t offset, int whence) override;
  ErrnoOr<Done> Sync(Task&) override { return kDone; }
  uint64_t position() const override { return position_; }

 private:
  TextInode& text_inode() const { return static_cast<TextInode&>(*inode()); }

  std::string text_;
  bool made_ = false;
  uint64_t position_ = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_TEXT_FILE_H_
