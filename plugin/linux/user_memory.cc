#include "plugin/linux/user_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "guest_mm/arch_ops.h"
#include "guest_mm/gup/fault_in.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::os {
namespace {

using engine::Cpu;
using engine::KernelRoutine;

// The routine for words of so many bytes: the first is for one byte.
KernelRoutine OfWord(KernelRoutine first, size_t bytes) {
  return KernelRoutine(size_t(first) + size_t(std::countr_zero(bytes)));
}

ErrnoOr<Done> ErrorOf(const Cpu::KernelResult& result) {
  return int64_t(result.value) == 0 ? ErrnoOr<Done>(kDone) : Errno::kEFAULT;
}

// The kernel's address of all `bytes` at `host`, if they are the machine's.
uint64_t KernelAddressOf(Cpu& cpu, const std::byte* host, size_t bytes) {
  const bool all = bytes != 0 && cpu.KernelAddressOf(host + bytes - 1) != 0;
  return all ? cpu.KernelAddressOf(host) : 0;
}

}  // namespace

mm::GuestAddr UserMemory::AddressOf(uint64_t user) const {
  const mm::GuestAddr a(user);
  return access_.tagged_addresses ? mm_.system().arch().Untag(a) : a;
}

// The whole range must be user space. Nothing else is checked before a copy.
bool UserMemory::AccessOk(uint64_t user, size_t bytes) const {
  const uint64_t start = AddressOf(user).value();
  const uint64_t end = mm_.system().arch().layout().user_end.value();
  return bytes <= end && start <= end - bytes;
}

size_t UserMemory::CopyTo(uint64_t user, absl::Span<const std::byte> from) {
  if (!AccessOk(user, from.size()) || mm::MayFail(kUserCopySite, user)) {
    return from.size();
  }
  KernelCode::Frame frame = Begin();
  const auto copy = [&](uint64_t to, uint64_t source, size_t bytes) {
    return size_t(frame
                      .Run(mm_,
                           {KernelRoutine::kCopyToUser, {to, source, bytes}},
                           KernelFaults::kHandled)
                      .value);
  };
  if (const uint64_t source =
          KernelAddressOf(code_.cpu(), from.data(), from.size());
      source != 0) {
    return copy(user, source, from.size());
  }
  size_t done = 0;
  while (done < from.size()) {
    const absl::Span<const std::byte> piece =
        from.subspan(done, frame.memory().buffer.size());
    std::ranges::copy(piece, frame.memory().buffer.begin());
    const size_t left =
        copy(user + done, frame.memory().buffer_address, piece.size());
    done += piece.size() - left;
    if (left != 0) {
      break;
    }
  }
  return from.size() - done;
}

size_t UserMemory::CopyFrom(absl::Span<std::byte> to, uint64_t user,
                            KernelFaults faults) {
  if (!AccessOk(user, to.size())) {
    return to.size();
  }
  KernelCode::Frame frame = Begin();
  const auto copy = [&](uint64_t target, uint64_t from, size_t bytes) {
    return size_t(
        frame
            .Run(mm_, {KernelRoutine::kCopyFromUser, {target, from, bytes}},
                 faults)
            .value);
  };
  if (const uint64_t target =
          KernelAddressOf(code_.cpu(), to.data(), to.size());
      target != 0) {
    return copy(target, user, to.size());
  }
  const engine::KernelContext::Memory& memory = frame.memory();
  size_t done = 0;
  while (done < to.size()) {
    const size_t n = std::min(to.size() - done, memory.buffer.size());
    const size_t left = copy(memory.buffer_address, user + done, n);
    std::ranges::copy(memory.buffer.first(n - left), to.begin() + done);
    done += n - left;
    if (left != 0) {
      break;
    }
  }
  return to.size() - done;
}

size_t UserMemory::CopyFrom(absl::Span<std::byte> to, uint64_t user) {
  return mm::MayFail(kUserCopySite, user)
             ? to.size()
             : CopyFrom(to, user, KernelFaults::kHandled);
}

size_t UserMemory::CopyFromNofault(absl::Span<std::byte> to, uint64_t user) {
  return CopyFrom(to, user, KernelFaults::kDisabled);
}

size_t UserMemory::FaultInReadable(uint64_t user, size_t bytes) {
  if (!AccessOk(user, bytes)) {
    return bytes;
  }
  return size_t(Call({KernelRoutine::kFaultInReadable,
                      {user, bytes, mm_.page_shift().bytes()}})
                    .value);
}

size_t UserMemory::Clear(uint64_t user, size_t bytes) {
  if (!AccessOk(user, bytes)) {
    return bytes;
  }
  return size_t(Call({KernelRoutine::kClearUser, {user, bytes}}).value);
}

ErrnoOr<Done> UserMemory::PutWord(uint64_t user, uint64_t value, size_t bytes) {
  if (!AccessOk(user, bytes)) {
    return Errno::kEFAULT;
  }
  return ErrorOf(
      Call({OfWord(KernelRoutine::kPutUser1, bytes), {user, value}}));
}

ErrnoOr<uint64_t> UserMemory::GetWord(uint64_t user, size_t bytes) {
  if (!AccessOk(user, bytes)) {
    return Errno::kEFAULT;
  }
  const Cpu::KernelResult got =
      Call({OfWord(KernelRoutine::kGetUser1, bytes), {user}});
  FL_TRY(ErrorOf(got));
  return got.second;
}

ErrnoOr<std::string> UserMemory::GetString(uint64_t user, size_t max) {
  const uint64_t start = AddressOf(user).value();
  const uint64_t end = mm_.system().arch().layout().user_end.value();
  if (start >= end || mm::MayFail(kUserCopySite, user)) {
    return Errno::kEFAULT;
  }
  const uint64_t most = std::min<uint64_t>(max, end - start);
  KernelCode::Frame frame = Begin();
  const engine::KernelContext::Memory& memory = frame.memory();
  std::string text;
  while (text.size() < most) {
    const uint64_t n =
        std::min<uint64_t>(most - text.size(), memory.buffer.size());
    const auto got =
        int64_t(frame
                    .Run(mm_,
                         {KernelRoutine::kStrncpyFromUser,
                          {memory.buffer_address, user + text.size(), n}},
                         KernelFaults::kHandled)
                    .value);
    if (got < 0) {
      return Errno::kEFAULT;
    }
    text.append(reinterpret_cast<const char*>(memory.buffer.data()),
                size_t(got));
    if (uint64_t(got) < n) {
      return text;
    }
  }
  return most < max ? Errno::kEFAULT : Errno::kENAMETOOLONG;
}

ErrnoOr<Done> UserMemory::FaultInWriteable(uint64_t user) {
  const bool there =
      AccessOk(user, sizeof(uint32_t)) &&
      mm::FixupUserFault(mm_, AddressOf(user), mm::Access::kWrite,
                         mm::FixupWaits::kNo);
  return there ? ErrnoOr<Done>(kDone) : Errno::kEFAULT;
}

ErrnoOr<uint32_t> UserMemory::CompareExchange(uint64_t user, uint32_t expected,
                                              uint32_t desired) {
  if (user % sizeof expected != 0 || !AccessOk(user, sizeof expected)) {
    return Errno::kEFAULT;
  }
  const Cpu::KernelResult got =
      Call({KernelRoutine::kCmpxchgUser4, {user, expected, desired}});
  FL_TRY(ErrorOf(got));
  return uint32_t(got.second);
}

}  // namespace faultline::os
