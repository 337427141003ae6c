#include "plugin/inject/capture_console.h"

namespace faultline::inject {
namespace {

constexpr uint64_t kPrime = 0x100000001b3;

}  // namespace

ErrnoOr<Done> CaptureConsole::Write(Stream stream,
                                    absl::Span<const std::byte> from) {
  Sum& sum = stream == Stream::kOut ? out_ : err_;
  sum.hash.Add({reinterpret_cast<const char*>(from.data()), from.size()});
  sum.bytes += from.size();
  return kDone;
}

uint64_t CaptureConsole::hash() const {
  uint64_t all = out_.hash.value();
  for (uint64_t word : {out_.bytes, err_.hash.value(), err_.bytes}) {
    all = (all ^ word) * kPrime;
    all ^= all >> 29;
  }
  return all;
}

}  // namespace faultline::inject
