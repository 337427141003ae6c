// Any bytes at all as a program: parsed or refused with a reason, and what is
// parsed keeps the promises that mapping it relies on.

#include <algorithm>
#include <cstring>

#include "guest_mm/base/check.h"
#include "plugin/linux/loader/elf_image.h"
#include "plugin/linux/loader/script.h"

namespace faultline::os {
namespace {

class Bytes : public ByteSource {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  uint64_t size() const override { return size_; }
  ErrnoOr<uint64_t> Read(uint64_t offset,
                         absl::Span<std::byte> to) const override {
    if (offset >= size_) {
      return uint64_t{0};
    }
    const size_t n = std::min<size_t>(to.size(), size_ - offset);
    std::memcpy(to.data(), data_ + offset, n);
    return uint64_t{n};
  }

 private:
  const uint8_t* data_;
  size_t size_;
};

void Check(const ElfImage& image, uint64_t file_size, const ElfDemands& d) {
  FL_CHECK(!image.segments.empty());
  uint64_t last = 0;
  for (const ElfSegment& s : image.segments) {
    FL_CHECK(s.vaddr >= last && s.memory_end() >= s.vaddr);
    FL_CHECK(s.memory_end() <= d.user_end);
    FL_CHECK(s.file_size <= s.memory_size);
    FL_CHECK(s.file_size == 0 ||  // else its offset is not looked at
             (s.offset <= file_size && s.file_size <= file_size - s.offset));
    FL_CHECK((s.vaddr - s.offset) % d.page_bytes == 0);
    last = s.memory_end();
  }
  FL_CHECK(image.end_page(d.page_bytes) > image.first_page(d.page_bytes));
}

}  // namespace
}  // namespace faultline::os

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace faultline::os;  // NOLINT: the entry point's body
  for (uint16_t machine : {uint16_t{62}, uint16_t{183}}) {
    const ElfDemands demands{machine, 4096, uint64_t{1} << 47};
    const auto image = ParseElf(Bytes(data, size), demands);
    if (image.ok()) {
      Check(*image, size, demands);
    } else {
      FL_CHECK(!image.status().message().empty());
    }
  }
  (void)ParseScript(std::string_view(reinterpret_cast<const char*>(data),
                                     std::min<size_t>(size, kScriptHead)));
  return 0;
}
