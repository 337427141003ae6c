#include "plugin/linux/fs/proc/kpage.h"

#include <cstring>
#include <memory>
#include <utility>

#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/mm/proc_kpage.h"
#include "plugin/linux/fs/knobs.h"
#include "plugin/linux/fs/path_file.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

// The word of one page frame.
using WordOf = uint64_t (*)(mm::MemoryManager&, mm::Pfn);

uint64_t Count(mm::MemoryManager& memory, mm::Pfn pfn) {
  return mm::KpageCount(memory.phys(), pfn);
}
uint64_t Flags(mm::MemoryManager& memory, mm::Pfn pfn) {
  return mm::KpageFlags(memory.phys(), pfn, memory.zero_page());
}
// The inode of the control group that pays: there is only the root.
uint64_t Cgroup(mm::MemoryManager& memory, mm::Pfn pfn) {
  constexpr uint64_t kRootIno = 1;
  const mm::Frame* const frame = memory.phys().FrameIfMade(pfn);
  const bool paid =
      frame != nullptr && (frame->use == mm::FrameUse::kAnon ||
                           frame->use == mm::FrameUse::kPageCache);
  return paid ? kRootIno : 0;
}

class KpageFile final : public PathFile {
 public:
  KpageFile(Path path, uint32_t flags, mm::MemoryManager& memory, WordOf word)
      : PathFile(std::move(path), flags), memory_(memory), word_(word) {}

  ErrnoOr<uint64_t> Read(Task& task, absl::Span<std::byte> to) override {
    FL_ASSIGN(const uint64_t n, ReadAt(task, position_, to));
    position_ += n;
    return n;
  }
  ErrnoOr<uint64_t> ReadAt(Task&, uint64_t offset,
                           absl::Span<std::byte> to) override {
    constexpr uint64_t kWord = sizeof(uint64_t);
    if (offset % kWord != 0 || to.size() % kWord != 0) {
      return Errno::kEINVAL;
    }
    uint64_t done = 0;
    const uint64_t end = memory_.phys().total().value();
    for (uint64_t i = offset / kWord; i < end && done < to.size(); ++i) {
      const uint64_t word = word_(memory_, mm::Pfn(i));
      std::memcpy(to.data() + done, &word, kWord);
      done += kWord;
    }
    return done;
  }
  // mem_lseek().
  ErrnoOr<uint64_t> Seek(int64_t offset, int whence) override {
    if (whence > 1) {
      return Errno::kEINVAL;
    }
    position_ = whence == 0 ? uint64_t(offset) : position_ + uint64_t(offset);
    return position_;
  }
  uint64_t position() const override { return position_; }

 private:
  mm::MemoryManager& memory_;
  WordOf word_;
  uint64_t position_ = 0;
};

class KpageInode final : public Inode {
 public:
  KpageInode(const std::shared_ptr<FileSystem>& fs, mm::MemoryManager& memory,
             WordOf word)
      : Inode(fs, fs->NextIno(), kS_IFREG | 0400),
        memory_(memory),
        word_(word) {}
  ErrnoOr<std::shared_ptr<File>> Open(const Caller&, const Path& path,
                                      uint32_t flags) override {
    return std::shared_ptr<File>(
        std::make_shared<KpageFile>(path, flags, memory_, word_));
  }
  ErrnoOr<Done> Truncate(uint64_t) override { return kDone; }

 private:
  mm::MemoryManager& memory_;
  WordOf word_;
};

}  // namespace

void AddKpageFiles(KnobDir& proc, Kernel& kernel) {
  const auto add = [&](const char* name, WordOf word) {
    proc.AddChild(name, std::make_shared<KpageInode>(proc.fs_ptr(),
                                                     kernel.memory(), word));
  };
  add("kpagecount", Count);
  add("kpageflags", Flags);
  add("kpagecgroup", Cgroup);
}

}  // namespace faultline::os
