#ifndef FAULTLINE_PLUGIN_TRACE_PERFETTO_TRACE_H_
#define FAULTLINE_PLUGIN_TRACE_PERFETTO_TRACE_H_

// PerfettoTrace: events as a trace that ui.perfetto.dev opens: a track for each
// actor (when it ran), below it one for what it waited for, its system calls
// and each class of lock it held; other events are instants on the actor's
// track, with their fields. A counter has the frames in use.
// Perfetto: protos/perfetto/trace/trace_packet.proto, track_event/*.proto.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "guest_mm/trace.h"
#include "plugin/trace/proto_writer.h"

namespace faultline::trace {

class PerfettoTrace : public mm::TraceSink {
 public:
  // `write` gets whole packets.
  PerfettoTrace(std::function<uint64_t()> now,
                std::function<void(std::string_view)> write)
      : now_(std::move(now)), write_(std::move(write)) {}

  void Begin(std::string_view program);
  void Emit(mm::TraceKind kind, std::string_view name,
            absl::Span<const mm::TraceField> fields) override;
  // Ends what is still going on.
  void End();

 private:
  enum class Type : uint8_t { kBegin = 1, kEnd = 2, kInstant = 3, kCount = 4 };
  using Fields = absl::Span<const mm::TraceField>;

  uint64_t TrackOf(std::string_view actor, std::string_view part);
  void Describe(uint64_t uuid, uint64_t parent, std::string_view name);
  void WriteEvent(Type type, uint64_t track, std::string_view category,
                  std::string_view name, Fields fields);
  void WritePacket(uint32_t field, const ProtoWriter& message);
  // A slice begins or ends; an end without a beginning is passed over.
  void Open(uint64_t track, std::string_view category, std::string_view name,
            Fields fields);
  void Close(uint64_t track);
  void OnSwitch(std::string_view to, Fields fields);
  // True if it began or ended a slice.
  bool OnPoint(std::string_view name, Fields fields);
  void OnFrames(std::string_view name, Fields fields);

  std::function<uint64_t()> now_;
  std::function<void(std::string_view)> write_;
  std::string actor_ = "before all";
  bool runs_ = false;  // that actor: somebody has been switched to
  std::map<std::pair<std::string, std::string>, uint64_t> tracks_;
  std::map<uint64_t, int> open_;  // slices by track
  uint64_t frames_ = 0;
  uint64_t last_track_ = 0;
};

}  // namespace faultline::trace

#endif  // FAULTLINE_PLUGIN_TRACE_PERFETTO_TRACE_H_
