#include "plugin/linux/fs/closing_files.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "plugin/linux/fs/file.h"

namespace faultline::os {
namespace {

// Its end drops another, as a socket's with a socket in its queue does.
class Nested final : public File {
 public:
  Nested(ClosingFiles& closing, std::shared_ptr<File> inner, int& depth)
      : File(0), closing_(closing), inner_(std::move(inner)), depth_(depth) {}
  ~Nested() override {
    EXPECT_EQ(++depth_, 1);
    closing_.Add({std::move(inner_)});
    --depth_;
  }

  std::string LinkName() const override { return "nested"; }

 private:
  ClosingFiles& closing_;
  std::shared_ptr<File> inner_;
  int& depth_;
};

TEST(ClosingFilesTest, FilesWithinFilesGoOneAfterTheOther) {
  ClosingFiles closing;
  int depth = 0;
  std::shared_ptr<File> file;
  for (int i = 0; i < 100'000; ++i) {
    file = std::make_shared<Nested>(closing, std::move(file), depth);
  }
  const std::weak_ptr<File> outermost = file;
  std::vector<std::shared_ptr<File>> files;
  files.push_back(std::move(file));
  closing.Add(std::move(files));
  EXPECT_TRUE(outermost.expired());
  EXPECT_EQ(depth, 0);
}

}  // namespace
}  // namespace faultline::os
