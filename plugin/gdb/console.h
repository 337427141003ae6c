#ifndef FAULTLINE_PLUGIN_GDB_CONSOLE_H_
#define FAULTLINE_PLUGIN_GDB_CONSOLE_H_

// The machine's standard streams while a debugger may go back in time: what
// has been read is read again, and what has been written is not written twice.

#include "plugin/gdb/plan.h"
#include "plugin/linux/console.h"

namespace faultline::gdb {

class RewindConsole : public os::Console {
 public:
  // `world` outlives it.
  explicit RewindConsole(os::Console& world) : world_(world) {}

  bool InputReady() override;
  void AwaitInput() override;
  ErrnoOr<size_t> Read(absl::Span<std::byte> to) override;
  ErrnoOr<Done> Write(Stream stream, absl::Span<const std::byte> from) override;

  const ConsoleLog& log() const { return log_; }
  // Of a run that was further than this one; this one's is its beginning.
  void Continue(ConsoleLog log) { log_ = std::move(log); }
  // From now on nothing is written, and nothing new is read.
  void Mute() { muted_ = true; }

 private:
  bool Repeats() const { return at_ < log_.inputs.size(); }

  os::Console& world_;
  ConsoleLog log_;
  size_t at_ = 0;         // in log_.inputs
  uint64_t written_ = 0;  // by this run
  bool muted_ = false;
};

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_CONSOLE_H_
