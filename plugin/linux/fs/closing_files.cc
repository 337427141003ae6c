#include "plugin/linux/fs/closing_files.h"

#include <iterator>
#include <utility>

#include "plugin/linux/fs/file.h"

namespace faultline::os {

void ClosingFiles::Add(std::vector<std::shared_ptr<File>> files) {
  waiting_.insert(waiting_.end(), std::make_move_iterator(files.begin()),
                  std::make_move_iterator(files.end()));
  if (closing_) {
    return;
  }
  closing_ = true;
  while (!waiting_.empty()) {
    const std::shared_ptr<File> last = std::move(waiting_.back());
    waiting_.pop_back();
  }
  closing_ = false;
}

}  // namespace faultline::os
