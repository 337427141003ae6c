#ifndef FAULTLINE_PLUGIN_LINUX_FS_KNOBS_H_
#define FAULTLINE_PLUGIN_LINUX_FS_KNOBS_H_

// Knobs: the machine-wide small text files of /proc and /sys, by path. A knob
// is a getter and perhaps a setter; KnobDir shows a set of them as a tree.
// Linux: struct ctl_table (kernel/sysctl.c), struct kobj_attribute.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/named_inodes.h"

namespace faultline::os {

struct Knob {
  std::function<std::string()> get;  // the text, newline included
  // Null: read-only. kEINVAL for what it does not take.
  std::function<ErrnoOr<Done>(absl::string_view)> set;
};

// A file of fixed text.
Knob ConstantKnob(std::string text);
// A decimal number, as proc_doulongvec_minmax() reads and writes it; kEINVAL
// outside [min, max].
struct KnobRange {
  uint64_t min = 0;
  uint64_t max = ~uint64_t{0};
};
Knob NumberKnob(std::function<uint64_t()> get,
                std::function<void(uint64_t)> set, KnobRange range = {});
// A number that nothing but its readers looks at; it keeps it itself.
Knob StoredNumberKnob(uint64_t initial, KnobRange range = {});
// A word of text up to `max` bytes, as proc_dostring().
Knob StringKnob(std::function<std::string()> get,
                std::function<void(std::string)> set, size_t max);

// "12\n" and the like, with the spaces that sysctl forgives. kEINVAL.
ErrnoOr<uint64_t> ParseKnobNumber(absl::string_view text);

// A directory of knobs and of directories. Built before the machine starts;
// subclasses add what comes and goes (/proc's processes).
class KnobDir : public Inode {
 public:
  // 0555 directories, as both file systems have them.
  explicit KnobDir(std::shared_ptr<FileSystem> fs);

  // Adds knob `path` ("vm/max_map_count"), making the directories on the way.
  // The path must be free.
  void Add(absl::string_view path, Knob knob);
  // The directory `path`, made if missing.
  KnobDir& Dir(absl::string_view path);
  // A symbolic link.
  void AddLink(absl::string_view path, std::string target);
  void AddChild(std::string name, std::shared_ptr<Inode> inode);

  ErrnoOr<std::shared_ptr<Inode>> Lookup(const Caller& caller,
                                         absl::string_view name) override;
  ErrnoOr<Done> ReadDir(const Caller& caller, uint64_t& position,
                        DirSink sink) override;
  ErrnoOr<Done> SetAttr(const AttrChange&) override { return Errno::kEPERM; }

 private:
  NamedInodes children_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_KNOBS_H_
