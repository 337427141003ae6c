#ifndef FAULTLINE_PLUGIN_INJECT_SWEEP_MESSAGE_H_
#define FAULTLINE_PLUGIN_INJECT_SWEEP_MESSAGE_H_

// What the processes of a sweep tell each other, through a pipe: messages of
// one size, each written at once.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/inject/sweep.h"
#include "plugin/inject/watched_run.h"

namespace faultline::inject {

struct Message {
  enum class Kind : uint8_t {
    kReport,     // how a run ended
    kValidated,  // and that its memory is in order
    kDied,       // a copy ended without the latter; `status` is wait(2)'s
    kPassings,   // of rule `experiment.rule`: `experiment.nth`
    kNoRoom,     // the host has none for this copy; the text says why
  };
  enum class Failure : uint8_t { kNone, kBug, kOurs };

  Kind kind = Kind::kReport;
  Failure failure = Failure::kNone;
  Limit limit = Limit::kKept;
  int status = 0;
  Experiment experiment;
  RunEnd run;
  char text[120] = {};

  void SetText(std::string_view s);
  std::string Text() const { return text; }
};

void Send(int fd, const Message& message);
// The next one; nothing when all who could write have gone.
std::optional<Message> Receive(int fd);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_SWEEP_MESSAGE_H_
