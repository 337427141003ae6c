#include "plugin/linux/fs/hugetlbfs_options.h"

#include <bit>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "plugin/linux/fs/mount_options.h"

namespace faultline::os {
namespace {

// What size= or min_size= says, until the size of a page is known.
struct Size {
  uint64_t value = 0;
  bool share = false;  // of the pool, in hundredths

  uint64_t Pages(const mm::HugePagePool& pool) const {
    return share ? value * pool.wanted() / 100 : value >> pool.shift();
  }
};

class Parser {
 public:
  explicit Parser(const mm::Hugetlb& hugetlb) : hugetlb_(hugetlb) {
    options_.pool = hugetlb.default_pool();
  }

  bool One(absl::string_view key, absl::string_view value) {
    if (key == "mode") {
      return StoreNumber(value, 8, 01777, &options_.mode);
    }
    if (key == "uid" || key == "gid") {
      return StoreNumber(value, 10, ~uint32_t{0},
                         key == "uid" ? &options_.uid : &options_.gid);
    }
    if (key == "pagesize") {
      return PageSize(value);
    }
    if (key == "size" || key == "min_size" || key == "nr_inodes") {
      return StoreSize(key, value);
    }
    return false;
  }

  ErrnoOr<HugetlbfsOptions> Finish() {
    if (options_.pool == nullptr) {
      return Errno::kEINVAL;
    }
    if (max_.has_value()) {
      options_.limits.max = max_->Pages(*options_.pool);
    }
    if (min_.has_value()) {
      options_.limits.min = min_->Pages(*options_.pool);
    }
    if (options_.limits.max.value_or(~uint64_t{0}) <
        options_.limits.min.value_or(0)) {
      return Errno::kEINVAL;
    }
    return options_;
  }

 private:
  // Whatever follows the number is not looked at, nor is it in Linux.
  bool PageSize(absl::string_view value) {
    absl::string_view rest;
    const uint64_t bytes = ParseSize(value, &rest).value_or(0);
    options_.pool = std::has_single_bit(bytes)
                        ? hugetlb_.PoolOf(uint64_t(std::countr_zero(bytes)))
                        : nullptr;
    return options_.pool != nullptr && bytes > 1;
  }

  bool StoreSize(absl::string_view key, absl::string_view value) {
    absl::string_view rest;
    const std::optional<uint64_t> size = ParseSize(value, &rest);
    if (!size.has_value()) {
      return false;
    }
    if (key != "nr_inodes") {
      (key == "size" ? max_ : min_) = Size{*size, absl::StartsWith(rest, "%")};
    }
    return true;
  }

  const mm::Hugetlb& hugetlb_;
  HugetlbfsOptions options_;
  std::optional<Size> max_;
  std::optional<Size> min_;
};

}  // namespace

std::string HugetlbfsOptions::Show() const {
  std::string text;
  if (uid != 0) {
    absl::StrAppendFormat(&text, ",uid=%d", uid);
  }
  if (gid != 0) {
    absl::StrAppendFormat(&text, ",gid=%d", gid);
  }
  if (mode != 0755) {
    absl::StrAppendFormat(&text, ",mode=%o", mode);
  }
  const uint64_t kilobytes = pool->bytes() >> 10;
  absl::StrAppendFormat(&text, ",pagesize=%d%c",
                        kilobytes < 1024 ? kilobytes : kilobytes >> 10,
                        kilobytes < 1024 ? 'K' : 'M');
  if (limits.max.has_value()) {
    absl::StrAppendFormat(&text, ",size=%d", *limits.max << pool->shift());
  }
  if (limits.min.has_value()) {
    absl::StrAppendFormat(&text, ",min_size=%d", *limits.min << pool->shift());
  }
  return text;
}

ErrnoOr<HugetlbfsOptions> ParseHugetlbfsOptions(absl::string_view text,
                                                const mm::Hugetlb& hugetlb) {
  Parser parser(hugetlb);
  if (!ForEachMountOption(
          text, [&](auto key, auto value) { return parser.One(key, value); })) {
    return Errno::kEINVAL;
  }
  return parser.Finish();
}

}  // namespace faultline::os
