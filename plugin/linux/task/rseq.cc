#include "plugin/linux/task/rseq.h"

#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint32_t kAreaBytes = 32;  // of the original struct rseq
constexpr uint32_t kFlagUnregister = 1;
constexpr uint64_t kCpuId = 0;  // one CPU
constexpr uint32_t kCpuUninitialized = ~uint32_t{0};
constexpr uint64_t kCsPointerOffset = 8;  // rseq_cs
constexpr uint64_t kNodeAndMmCid = 20;    // node_id, mm_cid

struct CriticalSection {
  uint32_t version;
  uint32_t flags;
  uint64_t start_ip;
  uint64_t post_commit_offset;
  uint64_t abort_ip;
};

ErrnoOr<Done> WriteCpu(Task& task, uint64_t area, uint32_t start,
                       uint32_t cpu) {
  FL_TRY(task.user().Put(area, start));
  FL_TRY(task.user().Put(area + 4, cpu));
  FL_TRY(task.user().Put(area + kNodeAndMmCid, uint64_t{0}));
  return kDone;
}

// Clears the pointer when the program counter is outside the section; moves
// the program counter when it is inside.
ErrnoOr<Done> AbortSection(Task& task) {
  const uint64_t pointer = task.rseq.address + kCsPointerOffset;
  FL_ASSIGN(const uint64_t at, task.user().Get<uint64_t>(pointer));
  if (at == 0) {
    return kDone;
  }
  FL_ASSIGN(const auto cs, task.user().Get<CriticalSection>(at));
  FL_ASSIGN(const auto signature, task.user().Get<uint32_t>(cs.abort_ip - 4));
  if (cs.version != 0 || signature != task.rseq.signature) {
    return Errno::kEINVAL;
  }
  FL_TRY(task.user().Put(pointer, uint64_t{0}));
  LoadTask(task);
  engine::Cpu& cpu = task.kernel().cpu();
  if (cpu.pc() - cs.start_ip < cs.post_commit_offset) {
    cpu.set_pc(cs.abort_ip);
  }
  return kDone;
}

}  // namespace

SyscallResult SysRseq(Task& task, const SyscallArgs& args) {
  const uint64_t area = args.Ptr(0);
  const uint32_t length = args.Uint(1);
  const uint32_t signature = args.Uint(3);
  if ((args.Uint(2) & kFlagUnregister) != 0) {
    if (args.Uint(2) != kFlagUnregister || area != task.rseq.address ||
        area == 0 || length != task.rseq.length) {
      return Errno::kEINVAL;
    }
    if (signature != task.rseq.signature) {
      return Errno::kEPERM;
    }
    FL_TRY(WriteCpu(task, area, uint32_t(kCpuId), kCpuUninitialized));
    task.rseq = {};
    return 0;
  }
  if (args.Uint(2) != 0) {
    return Errno::kEINVAL;
  }
  if (task.rseq.address != 0) {
    if (area != task.rseq.address || length != task.rseq.length) {
      return Errno::kEINVAL;
    }
    return signature != task.rseq.signature ? Errno::kEPERM : Errno::kEBUSY;
  }
  if (area % kAreaBytes != 0 || length < kAreaBytes) {
    return Errno::kEINVAL;
  }
  FL_TRY(WriteCpu(task, area, uint32_t(kCpuId), uint32_t(kCpuId)));
  task.rseq = {area, length, signature};
  return 0;
}

void RseqAbortSection(Task& task) {
  if (task.rseq.address != 0 && !AbortSection(task).ok()) {
    ForceSegv(task, kSigSegv);
  }
}

}  // namespace faultline::os
