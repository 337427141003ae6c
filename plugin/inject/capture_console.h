#ifndef FAULTLINE_PLUGIN_INJECT_CAPTURE_CONSOLE_H_
#define FAULTLINE_PLUGIN_INJECT_CAPTURE_CONSOLE_H_

// CaptureConsole: no input, and of the output a hash: enough to tell whether
// two runs wrote the same.

#include <cstdint>

#include "plugin/linux/console.h"
#include "plugin/trace/text_hash.h"

namespace faultline::inject {

class CaptureConsole : public os::Console {
 public:
  ErrnoOr<size_t> Read(absl::Span<std::byte>) override { return size_t{0}; }
  ErrnoOr<Done> Write(Stream stream, absl::Span<const std::byte> from) override;

  // Of both streams, each by itself: how they interleave does not count.
  uint64_t hash() const;

 private:
  struct Sum {
    trace::TextHash hash{};
    uint64_t bytes = 0;
  };
  Sum out_, err_;
};

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_CAPTURE_CONSOLE_H_
