// Memory policies, on a machine with one node: what is asked is checked and
// kept, and changes nothing. Linux: mm/mempolicy.c.

#include <algorithm>

#include "guest_mm/mm/address_space.h"
#include "plugin/linux/memory/calls.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

enum Mode : unsigned {
  kDefault,
  kPreferred,
  kBind,
  kInterleave,
  kLocal,
  kPreferredMany,
  kWeightedInterleave,
  kModes
};
constexpr unsigned kModeFlags = 0xe000;  // MPOL_F_STATIC_NODES and others
constexpr uint64_t kMaxNodeBits = 4096;
constexpr uint64_t kOnlyNode = 1;

// get_mempolicy's flags.
constexpr unsigned kFNode = 1, kFAddr = 2, kFMemsAllowed = 4;

// The mask at `user`, `bits` long. Only node 0 exists.
ErrnoOr<uint64_t> GetNodes(Task& task, uint64_t user, uint64_t bits) {
  if (user == 0 || bits <= 1) {
    return uint64_t{0};
  }
  --bits;  // Linux has always counted one too many
  if (bits > kMaxNodeBits) {
    return Errno::kEINVAL;
  }
  uint64_t nodes = 0;
  for (uint64_t i = 0; i * 64 < bits; ++i) {
    FL_ASSIGN(uint64_t word, task.user().Get<uint64_t>(user + 8 * i));
    if (bits - i * 64 < 64) {
      word &= (uint64_t{1} << (bits - i * 64)) - 1;
    }
    if (i == 0) {
      nodes = word;
    } else if (word != 0) {
      return Errno::kEINVAL;
    }
  }
  return nodes;
}

ErrnoOr<Done> CheckPolicy(unsigned mode, uint64_t nodes) {
  switch (mode) {
    case kDefault:
    case kLocal:
      return nodes != 0 ? ErrnoOr<Done>(Errno::kEINVAL) : kDone;
    case kPreferred:
      return nodes != 0 && (nodes & kOnlyNode) == 0
                 ? ErrnoOr<Done>(Errno::kEINVAL)
                 : kDone;
    default:
      return (nodes & kOnlyNode) == 0 ? ErrnoOr<Done>(Errno::kEINVAL) : kDone;
  }
}

}  // namespace

SyscallResult SysSetMempolicy(Task& task, const SyscallArgs& args) {
  const unsigned mode = args.Uint(0) & ~kModeFlags;
  if (mode >= kModes) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const uint64_t nodes, GetNodes(task, args.Ptr(1), args.U64(2)));
  FL_TRY(CheckPolicy(mode, nodes));
  task.mempolicy_mode = args.Uint(0);
  task.mempolicy_nodes = nodes & kOnlyNode;
  return 0;
}

SyscallResult SysGetMempolicy(Task& task, const SyscallArgs& args) {
  const unsigned flags = args.Uint(4);
  const bool by_address = (flags & kFAddr) != 0;
  if ((flags & ~(kFNode | kFAddr | kFMemsAllowed)) != 0 ||
      (args.Ptr(1) != 0 && args.U64(2) < 1)) {
    return Errno::kEINVAL;
  }
  int32_t mode = int32_t(task.mempolicy_mode);
  uint64_t nodes = task.mempolicy_nodes;
  if ((flags & kFMemsAllowed) != 0) {
    if ((flags & (kFNode | kFAddr)) != 0) {
      return Errno::kEINVAL;
    }
    mode = 0;
    nodes = kOnlyNode;
  } else if (by_address) {
    const mm::ReadGuard guard(task.mm().mmap_lock());
    if (task.mm().vmas().Find(mm::GuestAddr(args.U64(3))) == nullptr) {
      return Errno::kEFAULT;
    }
  } else if (args.U64(3) != 0) {
    return Errno::kEINVAL;
  }
  if ((flags & kFNode) != 0) {
    if (!by_address && (task.mempolicy_mode & ~kModeFlags) != kInterleave) {
      return Errno::kEINVAL;
    }
    mode = 0;  // the node's number
  }
  if (args.Ptr(0) != 0) {
    FL_TRY(task.user().Put(args.Ptr(0), mode));
  }
  if (args.Ptr(1) != 0) {
    const uint64_t words = (std::min(args.U64(2), kMaxNodeBits) + 62) / 64;
    for (uint64_t i = 0; i < std::max<uint64_t>(words, 1); ++i) {
      FL_TRY(task.user().Put(args.Ptr(1) + 8 * i, i == 0 ? nodes : 0));
    }
  }
  return 0;
}

SyscallResult SysMbind(Task& task, const SyscallArgs& args) {
  constexpr unsigned kStrict = 1, kMove = 2, kMoveAll = 4;
  const auto shift = task.mm().page_shift();
  const unsigned mode = args.Uint(2) & ~kModeFlags;
  const mm::GuestAddr start(args.U64(0));
  if (mode >= kModes || (args.Uint(5) & ~(kStrict | kMove | kMoveAll)) != 0 ||
      !start.IsPageAligned(shift)) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const uint64_t nodes, GetNodes(task, args.Ptr(3), args.U64(4)));
  FL_TRY(CheckPolicy(mode, nodes));
  const mm::GuestAddr end = (start + args.U64(1)).PageUp(shift);
  if (end < start) {
    return Errno::kEINVAL;
  }
  const mm::ReadGuard guard(task.mm().mmap_lock());
  for (mm::GuestAddr at = start; at < end;) {
    const mm::Vma* v = task.mm().vmas().Find(at);
    if (v == nullptr) {
      return Errno::kEFAULT;
    }
    at = v->range.end;
  }
  return 0;
}

}  // namespace faultline::os
