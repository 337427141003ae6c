#ifndef FAULTLINE_PLUGIN_LINUX_FS_DENTRY_H_
#define FAULTLINE_PLUGIN_LINUX_FS_DENTRY_H_

// Dentry: a name in a directory and the inode it led to when it was looked up.
// Linux: struct dentry. It exists so that a place keeps its name: open files,
// working directories and mount points hold dentries, and a rename moves them.
//
// A dentry keeps its ancestors alive; it knows its children only weakly. For
// one parent and name there is at most one living dentry that is not deleted.

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace faultline::os {

class Inode;
struct Mount;

class Dentry : public std::enable_shared_from_this<Dentry> {
 public:
  // The root of a file system, or of an object without a place ("pipe:[3]").
  static std::shared_ptr<Dentry> MakeRoot(std::shared_ptr<Inode> inode,
                                          std::string name = "");
  ~Dentry();
  Dentry(const Dentry&) = delete;
  Dentry& operator=(const Dentry&) = delete;

  const std::string& name() const { return name_; }
  const std::shared_ptr<Dentry>& parent() const { return parent_; }
  const std::shared_ptr<Inode>& inode() const { return inode_; }
  bool is_root() const { return parent_ == nullptr; }
  // Unlinked: its name leads nowhere or to something else now.
  bool deleted() const { return deleted_; }

  // The child called `name`, which was just looked up and found to be `inode`.
  // A living dentry of that name for another inode becomes deleted.
  std::shared_ptr<Dentry> Child(absl::string_view name,
                                const std::shared_ptr<Inode>& inode);
  // The living child of that name, or null.
  std::shared_ptr<Dentry> FindChild(absl::string_view name) const;

  // After the file system removed the name.
  void MarkDeleted();
  // After the file system renamed it; what stood there becomes deleted.
  void MoveTo(const std::shared_ptr<Dentry>& parent, absl::string_view name);
  // After renameat2(RENAME_EXCHANGE).
  static void Exchange(Dentry& a, Dentry& b);

  // What is mounted on it; null: nothing.
  Mount* mounted() const { return mounted_; }
  void set_mounted(Mount* mount) { mounted_ = mount; }

 private:
  Dentry(std::shared_ptr<Dentry> parent, std::string name,
         std::shared_ptr<Inode> inode);
  void Unhash();

  std::shared_ptr<Dentry> parent_;
  std::string name_;
  std::shared_ptr<Inode> inode_;
  bool deleted_ = false;
  Mount* mounted_ = nullptr;
  // Invariant: holds exactly the living, not deleted dentries whose parent_
  // is this. They remove themselves.
  std::map<std::string, Dentry*, std::less<>> children_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_DENTRY_H_
