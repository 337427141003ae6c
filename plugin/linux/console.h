#ifndef FAULTLINE_PLUGIN_LINUX_CONSOLE_H_
#define FAULTLINE_PLUGIN_LINUX_CONSOLE_H_

// Console: the machine's standard streams, seen by the guest as descriptors 0,
// 1 and 2. The only way bytes leave or enter a guest unless an option opens
// another.
//
// Reading never stops the machine while something in it can go on: a task that
// finds no input waits on input_queue(), and LookForInput() wakes it.

#include <cstddef>
#include <string>

#include "absl/types/span.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::os {

class Console {
 public:
  enum class Stream { kOut, kErr };
  virtual ~Console() = default;
  // Whether Read() answers at once: bytes, the end, or an error.
  virtual bool InputReady() { return true; }
  // Sleeps on the host until InputReady().
  virtual void AwaitInput() {}
  // Some bytes of standard input; 0 at its end. kEAGAIN: none yet.
  virtual ErrnoOr<size_t> Read(absl::Span<std::byte> to) = 0;
  // All of `from`. kEPIPE when the reader has gone, kEIO.
  virtual ErrnoOr<Done> Write(Stream stream,
                              absl::Span<const std::byte> from) = 0;

  // Where tasks wait for input.
  mm::WaitQueue& input_queue() { return input_queue_; }
  // If tasks wait and there is input, wakes them; with kYes, waits for it.
  void LookForInput(mm::MayWait wait);

 private:
  mm::WaitQueue input_queue_{"console"};
};

// The host's descriptors 0, 1 and 2, which may be non-blocking. The host's
// SIGPIPE must be ignored. What is in the input is part of what a run is a
// function of; so is when it comes, unless it is all there from the start.
class HostConsole : public Console {
 public:
  bool InputReady() override;
  void AwaitInput() override;
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
