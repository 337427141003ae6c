#ifndef FAULTLINE_PLUGIN_LINUX_FS_PATH_WALK_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PATH_WALK_H_

// PathWalk: one walk along a path, name by name. Linux: struct nameidata,
// link_path_walk() and walk_component() in fs/namei.c.
//
// Text still to be walked is kept in `rest_`; a symbolic link puts its target
// in front of it. So the walk is a loop, and kMaxLinks bounds it.

#include <string>

#include "absl/strings/string_view.h"
#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/path.h"

namespace faultline::os {

class PathWalk {
 public:
  // Everything it is given outlives it.
  PathWalk(const Caller& caller, const Path& at, absl::string_view path,
           uint64_t resolve);

  // Walks to the directory that holds the last name. Then dir() is that
  // directory (or something else: the next lookup answers kENOTDIR) and
  // last() the name: "" for "/", and "." and ".." are left as they are.
  ErrnoOr<Done> ToParent();
  const Path& dir() const { return at_; }
  const std::string& last() const { return last_; }
  // The path ended in a slash: the last name must be a directory.
  bool trailing_slash() const { return trailing_slash_; }
  // Whether last() is a name that can be made or removed.
  bool last_is_name() const {
    return !last_.empty() && last_ != "." && last_ != "..";
  }

  // After ToParent(): what last() leads to, not followed. kENOENT.
  ErrnoOr<Path> LookupLast();
  // After ToParent() and LookupLast() found `link`: the walk goes on with its
  // target; call ToParent() again, or, if kArrived, dir() is the place.
  enum class Followed : uint8_t { kGoOn, kArrived };
  ErrnoOr<Followed> FollowLast(const Path& link);

  // To the end.
  ErrnoOr<Path> All(Follow follow);

 private:
  // Moves to `name` of the present directory, or follows the link that it is.
  ErrnoOr<Followed> Step(absl::string_view name);
  ErrnoOr<Path> LookupName(absl::string_view name);
  ErrnoOr<Done> DotDot();
  ErrnoOr<Followed> FollowLink(const Path& link);
  ErrnoOr<Done> JumpToRoot();

  const Caller& caller_;
  const uint64_t resolve_;
  Path root_;
  Path at_;
  std::string rest_;
  std::string last_;
  bool trailing_slash_ = false;
  int links_ = 0;
  Errno early_error_ = Errno::kOk;  // found by the constructor
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PATH_WALK_H_
