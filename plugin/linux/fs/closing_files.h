#ifndef FAULTLINE_PLUGIN_LINUX_FS_CLOSING_FILES_H_
#define FAULTLINE_PLUGIN_LINUX_FS_CLOSING_FILES_H_

// ClosingFiles: lets go of the files in dropped messages one after the other.
// Linux: fs/file_table.c delayed_fput(), and what unix_gc() is careful about.
//
// A file's end may drop further sockets with files in their queues, and a
// hostile guest nests them deeper than any stack. One per machine. A file's end
// may wait: whoever comes meanwhile leaves its files to who is at it.

#include <memory>
#include <vector>

namespace faultline::os {

class File;

class ClosingFiles {
 public:
  void Add(std::vector<std::shared_ptr<File>> files);

 private:
  std::vector<std::shared_ptr<File>> waiting_;
  bool closing_ = false;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_CLOSING_FILES_H_
