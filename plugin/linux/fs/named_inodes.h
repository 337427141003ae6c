#ifndef FAULTLINE_PLUGIN_LINUX_FS_NAMED_INODES_H_
#define FAULTLINE_PLUGIN_LINUX_FS_NAMED_INODES_H_

// The entries of a directory that is made once and then only looked at.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "plugin/linux/fs/inode.h"

namespace faultline::os {

using NamedInodes = std::map<std::string, std::shared_ptr<Inode>, std::less<>>;

// Inode::Lookup(): kENOENT.
inline ErrnoOr<std::shared_ptr<Inode>> FindIn(const NamedInodes& children,
                                              absl::string_view name) {
  const auto it = children.find(name);
  if (it == children.end()) {
    return Errno::kENOENT;
  }
  return it->second;
}

// Inode::ReadDir(), by name; cookies count from 2.
inline void ListIn(const NamedInodes& children, uint64_t& position,
                   DirSink sink) {
  uint64_t cookie = 2;
  for (const auto& [name, inode] : children) {
    if (cookie++ < position) {
      continue;
    }
    if (!sink({name, inode->ino(), uint8_t(inode->type() >> 12), cookie})) {
      return;
    }
    position = cookie;
  }
}

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_NAMED_INODES_H_
