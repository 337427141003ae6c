#include "plugin/linux/fs/tmpfs_options.h"

#include <optional>

#include "plugin/linux/fs/mount_options.h"

namespace faultline::os {
namespace {

using mm::HugeOption;
using mm::PageCount;

std::optional<HugeOption> ParseHuge(absl::string_view word) {
  if (word == "never") {
    return HugeOption::kNever;
  }
  if (word == "always") {
    return HugeOption::kAlways;
  }
  if (word == "within_size") {
    return HugeOption::kWithinSize;
  }
  if (word == "advise") {
    return HugeOption::kAdvise;
  }
  return std::nullopt;
}

class Parser {
 public:
  Parser(PageCount ram, mm::PageShift shift) : ram_(ram), shift_(shift) {
    options_.mount.most = PageCount(ram.value() / 2);
  }

  bool One(absl::string_view key, absl::string_view value) {
    if (key == "size") {
      return Size(value);
    }
    if (key == "nr_blocks") {
      absl::string_view rest;
      const std::optional<uint64_t> blocks = ParseSize(value, &rest);
      SetMost(blocks.value_or(0));
      return blocks.has_value() && rest.empty();
    }
    if (key == "mode") {
      return StoreNumber(value, 8, 07777, &options_.mode);
    }
    if (key == "uid" || key == "gid") {
      return StoreNumber(value, 10, ~uint32_t{0},
                         key == "uid" ? &options_.uid : &options_.gid);
    }
    if (key == "huge") {
      const std::optional<HugeOption> huge = ParseHuge(value);
      options_.mount.huge = huge.value_or(HugeOption::kNever);
      return huge.has_value();
    }
    return key == "nr_inodes" || key == "mpol" || key == "inode32" ||
           key == "inode64";
  }

  const TmpfsOptions& options() const { return options_; }

 private:
  // No limit at all is written as none.
  void SetMost(uint64_t pages) {
    options_.mount.most = PageCount(pages == 0 ? ~uint64_t{0} : pages);
  }

  bool Size(absl::string_view value) {
    absl::string_view rest;
    const std::optional<uint64_t> size = ParseSize(value, &rest);
    if (!size.has_value()) {
      return false;
    }
    if (rest == "%") {
      SetMost(ram_.value() * *size / 100);
      return true;
    }
    SetMost(PageCount::ToHold(*size, shift_).value());
    return rest.empty();
  }

  const PageCount ram_;
  const mm::PageShift shift_;
  TmpfsOptions options_;
};

}  // namespace

ErrnoOr<TmpfsOptions> ParseTmpfsOptions(absl::string_view text, PageCount ram,
                                        mm::PageShift shift) {
  Parser parser(ram, shift);
  if (!ForEachMountOption(
          text, [&](auto key, auto value) { return parser.One(key, value); })) {
    return Errno::kEINVAL;
  }
  return parser.options();
}

}  // namespace faultline::os
