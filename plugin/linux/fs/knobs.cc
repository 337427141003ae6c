#include "plugin/linux/fs/knobs.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "plugin/linux/fs/link_inode.h"
#include "plugin/linux/fs/text_file.h"

namespace faultline::os {
namespace {

class KnobInode final : public TextInode {
 public:
  KnobInode(const std::shared_ptr<FileSystem>& fs, Knob knob)
      : TextInode(fs, fs->NextIno(),
                  kS_IFREG | (knob.set == nullptr   ? 0444u
                              : knob.get == nullptr ? 0200u
                                                    : 0644u)),
        knob_(std::move(knob)) {}

  ErrnoOr<std::string> Show() override {
    if (knob_.get == nullptr) {
      return Errno::kEINVAL;
    }
    return knob_.get();
  }
  ErrnoOr<Done> Store(absl::string_view text) override {
    return knob_.set == nullptr ? Errno::kEINVAL : knob_.set(text);
  }

 private:
  Knob knob_;
};

}  // namespace

ErrnoOr<uint64_t> ParseKnobNumber(absl::string_view text) {
  uint64_t value;
  if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(text), &value)) {
    return Errno::kEINVAL;
  }
  return value;
}

Knob ConstantKnob(std::string text) {
  return {[text = std::move(text)] { return text; }, nullptr};
}

Knob NumberKnob(std::function<uint64_t()> get,
                std::function<void(uint64_t)> set, KnobRange range) {
  Knob knob;
  knob.get = [get = std::move(get)] { return absl::StrCat(get(), "\n"); };
  if (set != nullptr) {
    knob.set = [set = std::move(set),
                range](absl::string_view text) -> ErrnoOr<Done> {
      FL_ASSIGN(const uint64_t value, ParseKnobNumber(text));
      if (value < range.min || value > range.max) {
        return Errno::kEINVAL;
      }
      set(value);
      return kDone;
    };
  }
  return knob;
}

Knob StoredNumberKnob(uint64_t initial, KnobRange range) {
  const auto value = std::make_shared<uint64_t>(initial);
  return NumberKnob([value] { return *value; },
                    [value](uint64_t v) { *value = v; }, range);
}

Knob StringKnob(std::function<std::string()> get,
                std::function<void(std::string)> set, size_t max) {
  Knob knob;
  knob.get = [get = std::move(get)] { return absl::StrCat(get(), "\n"); };
  knob.set = [set = std::move(set),
              max](absl::string_view text) -> ErrnoOr<Done> {
    const size_t end = text.find_first_of(absl::string_view("\n\0", 2));
    set(std::string(text.substr(0, end).substr(0, max)));
    return kDone;
  };
  return knob;
}

KnobDir::KnobDir(std::shared_ptr<FileSystem> fs)
    : Inode(fs, fs->NextIno(), kS_IFDIR | 0555) {
  nlink_ = 2;
}

void KnobDir::AddChild(std::string name, std::shared_ptr<Inode> inode) {
  if (inode->is_dir()) {
    AdjustLinks(1);
  }
  const bool is_new =
      children_.emplace(std::move(name), std::move(inode)).second;
  FL_CHECK(is_new);
}

KnobDir& KnobDir::Dir(absl::string_view path) {
  if (path.empty()) {
    return *this;
  }
  const size_t slash = path.find('/');
  const absl::string_view name = path.substr(0, slash);
  auto it = children_.find(name);
  if (it == children_.end()) {
    AddChild(std::string(name), std::make_shared<KnobDir>(fs_ptr()));
    it = children_.find(name);
  }
  auto& child = static_cast<KnobDir&>(*it->second);
  return slash == absl::string_view::npos ? child
                                          : child.Dir(path.substr(slash + 1));
}

void KnobDir::Add(absl::string_view path, Knob knob) {
  const size_t slash = path.rfind('/');
  if (slash != absl::string_view::npos) {
    Dir(path.substr(0, slash)).Add(path.substr(slash + 1), std::move(knob));
    return;
  }
  AddChild(std::string(path),
           std::make_shared<KnobInode>(fs_ptr(), std::move(knob)));
}

void KnobDir::AddLink(absl::string_view path, std::string target) {
  const size_t slash = path.rfind('/');
  if (slash != absl::string_view::npos) {
    Dir(path.substr(0, slash))
        .AddLink(path.substr(slash + 1), std::move(target));
    return;
  }
  AddChild(std::string(path),
           std::make_shared<LinkInode>(fs_ptr(), std::move(target)));
}

ErrnoOr<std::shared_ptr<Inode>> KnobDir::Lookup(const Caller&,
                                                absl::string_view name) {
  return FindIn(children_, name);
}

ErrnoOr<Done> KnobDir::ReadDir(const Caller&, uint64_t& position,
                               DirSink sink) {
  ListIn(children_, position, sink);
  return kDone;
}

}  // namespace faultline::os
