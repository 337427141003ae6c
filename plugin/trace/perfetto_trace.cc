#include "plugin/trace/perfetto_trace.h"

#include "absl/strings/str_cat.h"
#include "plugin/trace/kinds.h"
#include "plugin/trace/trace_format.h"

namespace faultline::trace {
namespace {

using mm::TraceField;
using mm::TraceKind;

// Numbers of fields, by message.
namespace trace_file {
constexpr uint32_t kPacket = 1;
}
namespace packet {
constexpr uint32_t kTimestamp = 8;
constexpr uint32_t kSequenceId = 10;
constexpr uint32_t kTrackEvent = 11;
constexpr uint32_t kTrackDescriptor = 60;
}  // namespace packet
namespace track_descriptor {
constexpr uint32_t kUuid = 1;
constexpr uint32_t kName = 2;
constexpr uint32_t kProcess = 3;
constexpr uint32_t kParentUuid = 5;
constexpr uint32_t kCounter = 8;
}  // namespace track_descriptor
namespace process_descriptor {
constexpr uint32_t kPid = 1;
constexpr uint32_t kName = 6;
}  // namespace process_descriptor
namespace track_event {
constexpr uint32_t kDebugAnnotation = 4;
constexpr uint32_t kType = 9;
constexpr uint32_t kTrackUuid = 11;
constexpr uint32_t kCategory = 22;
constexpr uint32_t kName = 23;
constexpr uint32_t kCounterValue = 30;
}  // namespace track_event
namespace debug_annotation {
constexpr uint32_t kUintValue = 3;
constexpr uint32_t kStringValue = 6;
constexpr uint32_t kName = 10;
}  // namespace debug_annotation

constexpr uint64_t kMachine = 1;  // the track that all are below
constexpr uint64_t kFrames = 2;
constexpr uint64_t kFirstOther = 16;
constexpr uint64_t kSequence = 1;

ProtoWriter Annotation(const TraceField& f) {
  ProtoWriter m;
  m.Bytes(debug_annotation::kName, f.key);
  switch (f.format) {
    case TraceField::Format::kDecimal:
      m.Varint(debug_annotation::kUintValue, f.number);
      break;
    case TraceField::Format::kHex: {
      const std::string text = absl::StrCat("0x", absl::Hex(f.number));
      m.Bytes(debug_annotation::kStringValue, text);
      break;
    }
    case TraceField::Format::kText:
      m.Bytes(debug_annotation::kStringValue, f.text);
      break;
  }
  return m;
}

const TraceField* Find(absl::Span<const TraceField> fields,
                       std::string_view key) {
  for (const TraceField& f : fields) {
    if (f.key == key) {
      return &f;
    }
  }
  return nullptr;
}

}  // namespace

void PerfettoTrace::Begin(std::string_view program) {
  ProtoWriter process;
  process.Varint(process_descriptor::kPid, 1);
  process.Bytes(process_descriptor::kName, program);
  ProtoWriter machine;
  machine.Varint(track_descriptor::kUuid, kMachine);
  machine.Message(track_descriptor::kProcess, process);
  WritePacket(packet::kTrackDescriptor, machine);
  ProtoWriter frames;
  frames.Varint(track_descriptor::kUuid, kFrames);
  frames.Varint(track_descriptor::kParentUuid, kMachine);
  frames.Bytes(track_descriptor::kName, "frames in use");
  frames.Message(track_descriptor::kCounter, {});
  WritePacket(packet::kTrackDescriptor, frames);
}

void PerfettoTrace::WritePacket(uint32_t field, const ProtoWriter& message) {
  ProtoWriter p;
  p.Varint(packet::kTimestamp, now_());
  p.Varint(packet::kSequenceId, kSequence);
  p.Message(field, message);
  ProtoWriter file;
  file.Message(trace_file::kPacket, p);
  write_(file.bytes());
}

// `part`: "" for the actor's own, else a track below that.
uint64_t PerfettoTrace::TrackOf(std::string_view actor, std::string_view part) {
  const auto [it, is_new] =
      tracks_.try_emplace({std::string(actor), std::string(part)}, 0);
  if (is_new) {
    const uint64_t parent = part.empty() ? kMachine : TrackOf(actor, "");
    it->second = kFirstOther + last_track_++;
    Describe(it->second, parent, part.empty() ? actor : part);
  }
  return it->second;
}

void PerfettoTrace::Describe(uint64_t uuid, uint64_t parent,
                             std::string_view name) {
  ProtoWriter d;
  d.Varint(track_descriptor::kUuid, uuid);
  d.Bytes(track_descriptor::kName, name);
  d.Varint(track_descriptor::kParentUuid, parent);
  WritePacket(packet::kTrackDescriptor, d);
}

void PerfettoTrace::WriteEvent(Type type, uint64_t track,
                               std::string_view category, std::string_view name,
                               Fields fields) {
  ProtoWriter e;
  for (const TraceField& f : fields) {
    e.Message(track_event::kDebugAnnotation, Annotation(f));
  }
  e.Varint(track_event::kType, uint64_t(type));
  e.Varint(track_event::kTrackUuid, track);
  if (type != Type::kEnd) {
    e.Bytes(track_event::kCategory, category);
    e.Bytes(track_event::kName, name);
  }
  WritePacket(packet::kTrackEvent, e);
}

void PerfettoTrace::Open(uint64_t track, std::string_view category,
                         std::string_view name, Fields fields) {
  ++open_[track];
  WriteEvent(Type::kBegin, track, category, name, fields);
}

void PerfettoTrace::Close(uint64_t track) {
  int& open = open_[track];
  if (open > 0) {
    --open;
    WriteEvent(Type::kEnd, track, "", "", {});
  }
}

void PerfettoTrace::Emit(TraceKind kind, std::string_view name, Fields fields) {
  if (kind == TraceKind::kSwitch && name != kScheduleEvent) {
    OnSwitch(name, fields);
    return;
  }
  if (kind == TraceKind::kPoint && OnPoint(name, fields)) {
    return;
  }
  if (kind == TraceKind::kAlloc) {
    OnFrames(name, fields);
  }
  if (kind == TraceKind::kSyscall) {
    Close(TrackOf(actor_, "system calls"));
  }
  WriteEvent(Type::kInstant, TrackOf(actor_, ""), KindName(kind), name, fields);
}

void PerfettoTrace::OnSwitch(std::string_view to, Fields fields) {
  if (runs_) {
    Close(TrackOf(actor_, ""));
  }
  runs_ = true;
  actor_ = to;
  Close(TrackOf(actor_, "waits"));
  Open(TrackOf(actor_, ""), "switch", "runs", fields);
}

bool PerfettoTrace::OnPoint(std::string_view name, Fields fields) {
  constexpr std::string_view kTaken = ".locked", kGivenBack = ".unlocked";
  const auto lock = [&](std::string_view suffix) {
    return TrackOf(actor_, name.substr(0, name.size() - suffix.size()));
  };
  if (name == kWaitEvent) {
    const TraceField* const what = Find(fields, "for");
    Open(TrackOf(actor_, "waits"), "wait",
         what == nullptr ? std::string_view("?") : what->text, {});
  } else if (name == "syscall.enter") {
    Open(TrackOf(actor_, "system calls"), "syscall", "system call", {});
  } else if (name.ends_with(kGivenBack)) {
    Close(lock(kGivenBack));
  } else if (name.ends_with(kTaken)) {
    Open(lock(kTaken), "lock", name.substr(0, name.size() - kTaken.size()),
         fields);
  } else {
    return false;
  }
  return true;
}

void PerfettoTrace::OnFrames(std::string_view name, Fields fields) {
  const TraceField* const order = Find(fields, "order");
  if (order == nullptr) {
    return;
  }
  const uint64_t frames = uint64_t{1} << (order->number & 63);
  frames_ = name == "alloc" ? frames_ + frames : frames_ - frames;
  ProtoWriter e;
  e.Varint(track_event::kType, uint64_t(Type::kCount));
  e.Varint(track_event::kTrackUuid, kFrames);
  e.Varint(track_event::kCounterValue, frames_);
  WritePacket(packet::kTrackEvent, e);
}

void PerfettoTrace::End() {
  for (auto& [track, open] : open_) {
    for (; open > 0; --open) {
      WriteEvent(Type::kEnd, track, "", "", {});
    }
  }
}

}  // namespace faultline::trace
