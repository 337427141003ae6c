// uffd: a userfaultfd, and its ioctls.

#include <cstring>

#include "absl/strings/str_cat.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/uffd/mfill.h"
#include "guest_mm/uffd/move_pages.h"
#include "guest_mm/uffd/register.h"
#include "guest_mm/uffd/write_protect.h"
#include "plugin/script/objects.h"

namespace faultline::script {
namespace {

mm::GuestRange Range(lua_State* l, int arg) {
  return mm::GuestRange::At(mm::GuestAddr(GetNumber(l, arg)),
                            GetNumber(l, arg + 1));
}

int UffdRegisterFn(lua_State* l) {
  const std::string modes = GetString(l, 4);
  uint64_t mode = 0;
  for (size_t at = 0; at < modes.size();) {
    const size_t end = std::min(modes.find(',', at), modes.size());
    const std::string word = modes.substr(at, end - at);
    mode |= word == "missing" ? mm::kUffdModeMissing
            : word == "wp"    ? mm::kUffdModeWp
            : word == "minor" ? mm::kUffdModeMinor
                              : 0;
    if (word != "missing" && word != "wp" && word != "minor") {
      Raise(l, absl::StrCat("mode '", word, "': missing, wp or minor"));
    }
    at = end + 1;
  }
  return PushDone(l, mm::UffdRegister(*Get<Uffd>(l, 1).ctx, Range(l, 2), mode));
}

int UffdUnregisterFn(lua_State* l) {
  return PushDone(l, mm::UffdUnregister(*Get<Uffd>(l, 1).ctx, Range(l, 2)));
}

// As the ioctl answers: what it puts into its last field, signed, and the
// error that it fails with, if it does.
int Answer(lua_State* l, Uffd& uffd, mm::UffdIoctl what, mm::GuestRange range,
           const ErrnoOr<uint64_t>& done, bool wake) {
  const uint64_t bytes = done.ok() ? *done : 0;
  const Errno error = !done.ok()             ? done.error()
                      : bytes < range.size() ? Errno::kEAGAIN
                                             : Errno::kOk;
  uffd.ctx->NoteIoctl(what, range, bytes, error);
  if (bytes != 0 && wake) {
    uffd.ctx->Wake(mm::GuestRange::At(range.start, bytes), mm::ToString(what));
  }
  lua_pushinteger(l,
                  done.ok() ? lua_Integer(bytes) : -lua_Integer(done.error()));
  return error == Errno::kOk ? 1
                             : 1 + PushString(l, std::string(ErrnoName(error)));
}

int Fill(lua_State* l, mm::UffdFill kind, mm::UffdIoctl what, int range_arg,
         int options) {
  Uffd& uffd = Get<Uffd>(l, 1);
  CheckFields(l, options, {"wp", "dontwake"});
  mm::UffdFillRequest r;
  r.kind = kind;
  r.range = Range(l, range_arg);
  r.from = uffd.space->mm.get();
  r.write_protect = BoolField(l, options, "wp", false);
  if (kind == mm::UffdFill::kCopy) {
    r.source = mm::GuestAddr(GetNumber(l, 3));
    r.range =
        mm::GuestRange::At(mm::GuestAddr(GetNumber(l, 2)), GetNumber(l, 4));
  }
  const bool wake = !BoolField(l, options, "dontwake", false);
  if (uffd.ctx->mmap_changing()) {
    return Answer(l, uffd, what, r.range, Errno::kEAGAIN, wake);
  }
  return Answer(l, uffd, what, r.range, mm::UffdFillRange(*uffd.ctx, r), wake);
}

int UffdCopy(lua_State* l) {
  return Fill(l, mm::UffdFill::kCopy, mm::UffdIoctl::kCopy, 2, 5);
}
int UffdZeropage(lua_State* l) {
  return Fill(l, mm::UffdFill::kZero, mm::UffdIoctl::kZeropage, 2, 4);
}
int UffdContinue(lua_State* l) {
  return Fill(l, mm::UffdFill::kContinue, mm::UffdIoctl::kContinue, 2, 4);
}
int UffdPoison(lua_State* l) {
  return Fill(l, mm::UffdFill::kPoison, mm::UffdIoctl::kPoison, 2, 4);
}

int UffdMove(lua_State* l) {
  Uffd& uffd = Get<Uffd>(l, 1);
  CheckFields(l, 5, {"holes"});
  const mm::GuestAddr to(GetNumber(l, 2));
  const mm::GuestRange from = Range(l, 3);
  const auto holes = BoolField(l, 5, "holes", false)
                         ? mm::SourceHoles::kAllowed
                         : mm::SourceHoles::kRefused;
  return Answer(l, uffd, mm::UffdIoctl::kMove,
                mm::GuestRange::At(to, from.size()),
                mm::UffdMovePages(*uffd.ctx, to, from, holes), true);
}

int UffdWriteProtectFn(lua_State* l) {
  Uffd& uffd = Get<Uffd>(l, 1);
  CheckFields(l, 5, {"skip_pinned", "report"});
  const mm::GuestRange range = Range(l, 2);
  const bool protect = lua_isnoneornil(l, 4) || lua_toboolean(l, 4) != 0;
  mm::UffdWpReport report;
  report.skip_pinned = BoolField(l, 5, "skip_pinned", false);
  const bool wants_report = BoolField(l, 5, "report", report.skip_pinned);
  const auto done = mm::UffdWriteProtect(
      *uffd.ctx, range,
      protect ? mm::UffdProtection::kProtect : mm::UffdProtection::kResolve,
      wants_report ? &report : nullptr);
  if (done.ok() && !protect) {
    uffd.ctx->Wake(range, mm::ToString(mm::UffdIoctl::kWriteProtect));
  }
  if (!done.ok()) {
    lua_pushnil(l);
    PushString(l, std::string(ErrnoName(done.error())));
    lua_pushinteger(l, lua_Integer(done.error()));
  } else {
    lua_pushboolean(l, 1);
    lua_pushnil(l);
    lua_pushnil(l);
  }
  lua_pushinteger(l, lua_Integer(report.not_protected));
  return 4;
}

int UffdWakeFn(lua_State* l) {
  Get<Uffd>(l, 1).ctx->Wake(Range(l, 2), "wake");
  return 0;
}

int PushMessage(lua_State* l, Uffd& uffd, const mm::UffdMessage& m) {
  lua_newtable(l);
  PushString(l, mm::ToString(m.kind));
  lua_setfield(l, -2, "event");
  const auto number = [l](const char* name, uint64_t value) {
    lua_pushinteger(l, lua_Integer(value));
    lua_setfield(l, -2, name);
  };
  const auto flag = [l](const char* name, bool value) {
    lua_pushboolean(l, value);
    lua_setfield(l, -2, name);
  };
  number("address", m.start.value());
  if (m.kind == mm::UffdEventKind::kPagefault) {
    flag("write", (m.flags & mm::kUffdFaultWrite) != 0);
    flag("wp", (m.flags & mm::kUffdFaultWp) != 0);
    flag("minor", (m.flags & mm::kUffdFaultMinor) != 0);
  } else {
    number("to", m.end.value());
    number("length", m.length);
  }
  if (m.kind == mm::UffdEventKind::kFork) {
    uffd.ctx->FinishFork(m.id, mm::UffdContext::Delivered::kYes);
  }
  return 1;
}

int UffdRead(lua_State* l) {
  Uffd& uffd = Get<Uffd>(l, 1);
  mm::Scheduler* const scheduler = mm::Scheduler::Active();
  for (;;) {
    if (const auto message = uffd.ctx->Take()) {
      return PushMessage(l, uffd, *message);
    }
    if (uffd.ctx->released() || scheduler == nullptr ||
        scheduler->Wait(uffd.ctx->fd_wait(), mm::Interruptible::kYes) ==
            mm::WaitResult::kInterrupted) {
      lua_pushnil(l);
      return 1;
    }
  }
}

int UffdPoll(lua_State* l) {
  Uffd& uffd = Get<Uffd>(l, 1);
  if (const auto message = uffd.ctx->Take()) {
    return PushMessage(l, uffd, *message);
  }
  lua_pushnil(l);
  return 1;
}

int UffdWaiting(lua_State* l) {
  lua_pushinteger(l, lua_Integer(Get<Uffd>(l, 1).ctx->waiting_faults()));
  return 1;
}

int UffdClose(lua_State* l) {
  Get<Uffd>(l, 1).ctx->Release();
  return 0;
}

constexpr ApiFunction kFunctions[] = {
    {"register", UffdRegisterFn,
     "uffd:register(address, length, modes) -> true",
     "UFFDIO_REGISTER; modes: 'missing', 'wp', 'minor', joined by commas."},
    {"unregister", UffdUnregisterFn, "uffd:unregister(address, length) -> true",
     "UFFDIO_UNREGISTER."},
    {"copy", UffdCopy,
     "uffd:copy(to, from, length [, {wp=, dontwake=}]) -> number [, error]",
     "UFFDIO_COPY. The number is the field `copy` as a signed number: bytes "
     "copied, or a negated errno; the error is the ioctl's own, if it fails. "
     "So "
     "are the answers of the next four."},
    {"zeropage", UffdZeropage,
     "uffd:zeropage(address, length [, {dontwake=}]) -> number [, error]",
     "UFFDIO_ZEROPAGE."},
    {"continue", UffdContinue,
     "uffd:continue(address, length [, {wp=, dontwake=}]) -> number [, error]",
     "UFFDIO_CONTINUE."},
    {"poison", UffdPoison,
     "uffd:poison(address, length [, {dontwake=}]) -> number [, error]",
     "UFFDIO_POISON."},
    {"move", UffdMove,
     "uffd:move(to, from, length [, {holes=}]) -> number [, error]",
     "UFFDIO_MOVE."},
    {"write_protect", UffdWriteProtectFn,
     "uffd:write_protect(address, length [, on [, {skip_pinned=, report=}]]) "
     "-> "
     "true or nil, error, errno, not_protected",
     "UFFDIO_WRITEPROTECT. The options are those of the longer form "
     "(behaviour wp-partial-report)."},
    {"wake", UffdWakeFn, "uffd:wake(address, length)", "UFFDIO_WAKE."},
    {"read", UffdRead, "uffd:read() -> table or nil",
     "Waits for a message: event (pagefault, fork, remap, remove, unmap), "
     "address, and what the event has besides. nil: closed, or interrupted."},
    {"poll", UffdPoll, "uffd:poll() -> table or nil",
     "The same without waiting."},
    {"waiting", UffdWaiting, "uffd:waiting() -> number",
     "How many faults wait for an answer."},
    {"close", UffdClose, "uffd:close()",
     "Closes the descriptor: who waits goes on as if there had been none."},
};
constexpr ApiClass kApi = {"uffd", "A userfaultfd.", kFunctions};

}  // namespace

template <>
const ApiClass& ApiOf<Uffd>() {
  return kApi;
}

}  // namespace faultline::script
