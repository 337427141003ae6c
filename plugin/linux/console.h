#ifndef FAULTLINE_PLUGIN_LINUX_CONSOLE_H_
#define FAULTLINE_PLUGIN_LINUX_CONSOLE_H_

// Console: the machine's standard streams, seen by the guest as descriptors 0,
// 1 and 2. The only way bytes leave or enter a guest unless an option opens
// another.

#include <cstddef>
#include <string>

#include "absl/types/span.h"
#include "guest_mm/base/errno.h"

namespace faultline::os {

class Console {
 public:
  enum class Stream { kOut, kErr };
  virtual ~Console() = default;
  // Some bytes of standard input; 0 at its end.
  virtual ErrnoOr<size_t> Read(absl::Span<std::byte> to) = 0;
  // All of `from`. kEPIPE when the reader has gone, kEIO.
  virtual ErrnoOr<Done> Write(Stream stream,
                              absl::Span<const std::byte> from) = 0;
};

// The host's descriptors 0, 1 and 2. Reading waits for the host: input is part
// of what a run is a function of.
class HostConsole : public Console {
 public:
  ErrnoOr<size_t> Read(absl::Span<std::byte> to) override;
  ErrnoOr<Done> Write(Stream stream, absl::Span<const std::byte> from) override;
};

// Input given, output kept: for tests.
class MemoryConsole : public Console {
 public:
  explicit MemoryConsole(std::string input = "") : input_(std::move(input)) {}
  ErrnoOr<size_t> Read(absl::Span<std::byte> to) override;
  ErrnoOr<Done> Write(Stream stream, absl::Span<const std::byte> from) override;
  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }

 private:
  std::string input_;
  size_t at_ = 0;
  std::string out_, err_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_CONSOLE_H_
