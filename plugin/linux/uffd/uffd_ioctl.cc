#include "plugin/linux/uffd/uffd_ioctl.h"

#include <array>

#include "guest_mm/uffd/mfill.h"
#include "guest_mm/uffd/move_pages.h"
#include "guest_mm/uffd/register.h"
#include "guest_mm/uffd/write_protect.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/uffd/uffd_abi.h"

namespace faultline::os {
namespace {

using mm::GuestAddr;
using mm::GuestRange;
using mm::UffdContext;

// The rules of addresses are the machine's, whatever became of the memory.
ErrnoOr<GuestRange> ValidRange(Task& task, UffdioRange range) {
  return mm::ValidateUffdRange(task.mm(), GuestAddr(range.start), range.len);
}

// The handshake was refused: what was asked for is wiped out, so that nobody
// takes it for an answer.
ErrnoOr<uint64_t> Refuse(Task& task, uint64_t arg, Errno error) {
  FL_TRY(task.user().Put(arg, UffdioApi{}));
  return error;
}

ErrnoOr<uint64_t> Api(Task& task, UffdContext& ctx, uint64_t arg) {
  FL_ASSIGN(UffdioApi api, task.user().Get<UffdioApi>(arg));
  uint64_t features = api.features;
  if (api.api != kUffdApiVersion) {
    return Refuse(task, arg, Errno::kEINVAL);
  }
  if ((features & mm::kUffdEventFork) != 0 &&
      !task.cred().HasCap(kCapSysPtrace)) {
    return Refuse(task, arg, Errno::kEPERM);
  }
  if ((features & mm::kUffdWpAsync) != 0) {
    features |= mm::kUffdWpUnpopulated;
  }
  const uint64_t known =
      mm::UffdKnownFeatures(task.kernel().memory().behaviours());
  if ((features & ~known) != 0) {
    return Refuse(task, arg, Errno::kEINVAL);
  }
  api.features = known;
  api.ioctls = mm::kUffdApiIoctls;
  FL_TRY(task.user().Put(arg, api));
  if (!ctx.Initialize(features)) {
    return Refuse(task, arg, Errno::kEINVAL);
  }
  return uint64_t{0};
}

ErrnoOr<uint64_t> Register(Task& task, UffdContext& ctx, uint64_t arg) {
  FL_ASSIGN(const auto r, task.user().Get<UffdioRegister>(arg));
  constexpr uint64_t kModes =
      mm::kUffdModeMissing | mm::kUffdModeWp | mm::kUffdModeMinor;
  if (r.mode == 0 || (r.mode & ~kModes) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const GuestRange range, ValidRange(task, r.range));
  const ErrnoOr<uint64_t> ioctls = mm::UffdRegister(ctx, range, r.mode);
  ctx.NoteIoctl(mm::UffdIoctl::kRegister, range, 0, ioctls.error());
  if (!ioctls.ok()) {
    return ioctls.error();
  }
  FL_TRY(task.user().Put(arg + kRegisterAnswer, *ioctls));
  return uint64_t{0};
}

ErrnoOr<uint64_t> Unregister(Task& task, UffdContext& ctx, uint64_t arg) {
  FL_ASSIGN(const auto r, task.user().Get<UffdioRange>(arg));
  FL_ASSIGN(const GuestRange range, ValidRange(task, r));
  const ErrnoOr<Done> done = mm::UffdUnregister(ctx, range);
  ctx.NoteIoctl(mm::UffdIoctl::kUnregister, range, 0, done.error());
  if (!done.ok()) {
    return done.error();
  }
  return uint64_t{0};
}

ErrnoOr<uint64_t> Wake(Task& task, UffdContext& ctx, uint64_t arg) {
  FL_ASSIGN(const auto r, task.user().Get<UffdioRange>(arg));
  FL_ASSIGN(const GuestRange range, ValidRange(task, r));
  ctx.NoteIoctl(mm::UffdIoctl::kWake, range, 0, Errno::kOk);
  ctx.Wake(range, ToString(mm::UffdIoctl::kWake));
  return uint64_t{0};
}

ErrnoOr<uint64_t> WriteProtect(Task& task, UffdContext& ctx, uint64_t arg) {
  if (ctx.mmap_changing()) {
    return Errno::kEAGAIN;
  }
  FL_ASSIGN(const auto r, task.user().Get<UffdioWriteProtect>(arg));
  FL_ASSIGN(const GuestRange range, ValidRange(task, r.range));
  const bool protect = (r.mode & kUffdioWpWp) != 0;
  const bool wake = (r.mode & kUffdioWpDontwake) == 0;
  if ((r.mode & ~(kUffdioWpWp | kUffdioWpDontwake)) != 0 ||
      (protect && !wake)) {
    return Errno::kEINVAL;
  }
  const ErrnoOr<Done> done = mm::UffdWriteProtect(
      ctx, range,
      protect ? mm::UffdProtection::kProtect : mm::UffdProtection::kResolve);
  ctx.NoteIoctl(mm::UffdIoctl::kWriteProtect, range,
                done.ok() && !protect ? range.size() : 0, done.error());
  if (!done.ok()) {
    return done.error();
  }
  if (!protect && wake) {
    ctx.Wake(range, ToString(mm::UffdIoctl::kWriteProtect));
  }
  return uint64_t{0};
}

// The same, and tells what it did not protect (behaviour wp-partial-report).
ErrnoOr<uint64_t> WriteProtectPartial(Task& task, UffdContext& ctx,
                                      uint64_t arg) {
  FL_ASSIGN(const auto r, task.user().Get<UffdioWriteProtect>(arg));
  FL_ASSIGN(const GuestRange range, ValidRange(task, r.range));
  if ((r.mode & ~(kUffdioWpWp | kUffdioWpSkipPinned)) != kUffdioWpWp) {
    return Errno::kEINVAL;
  }
  mm::UffdWpReport report;
  report.skip_pinned = (r.mode & kUffdioWpSkipPinned) != 0;
  const ErrnoOr<Done> done =
      mm::UffdWriteProtect(ctx, range, mm::UffdProtection::kProtect, &report);
  ctx.NoteIoctl(mm::UffdIoctl::kWriteProtect, range, 0, done.error());
  const bool nothing = report.not_protected >= range.size();
  FL_TRY(task.user().Put(arg + sizeof(UffdioWriteProtect),
                         !done.ok() && nothing
                             ? -int64_t(done.error())
                             : int64_t(report.not_protected)));
  if (!done.ok()) {
    return done.error();
  }
  return uint64_t{0};
}

// The end that all filling requests have: the answer is put where the program
// looks for it, and who waits for what was filled is woken.
ErrnoOr<uint64_t> Answer(Task& task, UffdContext& ctx, mm::UffdIoctl what,
                         GuestRange range, const ErrnoOr<uint64_t>& done,
                         uint64_t answer_at, bool wake) {
  ctx.NoteIoctl(what, range, done.ok() ? *done : 0, done.error());
  if (done.error() == Errno::kESRCH) {
    return Errno::kESRCH;  // not even told in the structure
  }
  const int64_t answer = done.ok() ? int64_t(*done) : -int64_t(done.error());
  FL_TRY(task.user().Put(answer_at, answer));
  if (!done.ok()) {
    return done.error();
  }
  if (wake) {
    ctx.Wake(GuestRange::At(range.start, *done), ToString(what));
  }
  return *done == range.size() ? ErrnoOr<uint64_t>(uint64_t{0})
                               : Errno::kEAGAIN;
}

// The space is changing: nothing of the request is even looked at.
ErrnoOr<Done> NotChanging(Task& task, const UffdContext& ctx,
                          uint64_t answer_at) {
  if (!ctx.mmap_changing()) {
    return kDone;
  }
  if (ctx.system().behaviours().uffd_eagain_field() ==
      mm::UffdEagainField::kWritten) {
    FL_TRY(task.user().Put(answer_at, -int64_t(Errno::kEAGAIN)));
  }
  return Errno::kEAGAIN;
}

ErrnoOr<uint64_t> Copy(Task& task, UffdContext& ctx, uint64_t arg) {
  const uint64_t answer_at = arg + sizeof(UffdioCopy);
  FL_TRY(NotChanging(task, ctx, answer_at));
  FL_ASSIGN(const auto r, task.user().Get<UffdioCopy>(arg));
  const GuestAddr source(r.src);
  FL_TRY(mm::ValidateUffdSource(task.mm(), source, r.len));
  FL_ASSIGN(const GuestRange range, ValidRange(task, {r.dst, r.len}));
  if ((r.mode & ~(kUffdioCopyDontwake | kUffdioCopyWp)) != 0) {
    return Errno::kEINVAL;
  }
  mm::UffdFillRequest request;
  request.kind = mm::UffdFill::kCopy;
  request.range = range;
  request.source = source;
  request.from = &task.mm();
  request.write_protect = (r.mode & kUffdioCopyWp) != 0;
  return Answer(task, ctx, mm::UffdIoctl::kCopy, range,
                mm::UffdFillRange(ctx, request), answer_at,
                (r.mode & kUffdioCopyDontwake) == 0);
}

// ZEROPAGE, CONTINUE, POISON.
ErrnoOr<uint64_t> Fill(Task& task, UffdContext& ctx, uint64_t arg,
                       mm::UffdFill kind, mm::UffdIoctl what) {
  const uint64_t answer_at = arg + sizeof(UffdioFill);
  FL_TRY(NotChanging(task, ctx, answer_at));
  FL_ASSIGN(const auto r, task.user().Get<UffdioFill>(arg));
  FL_ASSIGN(const GuestRange range, ValidRange(task, r.range));
  const uint64_t known =
      kUffdioFillDontwake |
      (kind == mm::UffdFill::kContinue ? kUffdioContinueWp : 0);
  if ((r.mode & ~known) != 0) {
    return Errno::kEINVAL;
  }
  mm::UffdFillRequest request;
  request.kind = kind;
  request.range = range;
  request.write_protect = (r.mode & kUffdioContinueWp) != 0;
  return Answer(task, ctx, what, range, mm::UffdFillRange(ctx, request),
                answer_at, (r.mode & kUffdioFillDontwake) == 0);
}

ErrnoOr<uint64_t> Move(Task& task, UffdContext& ctx, uint64_t arg) {
  const uint64_t answer_at = arg + sizeof(UffdioMove);
  FL_TRY(NotChanging(task, ctx, answer_at));
  FL_ASSIGN(const auto r, task.user().Get<UffdioMove>(arg));
  if (!ctx.IsOf(task.mm())) {
    return Errno::kEINVAL;  // never between two processes
  }
  FL_ASSIGN(const GuestRange to, ValidRange(task, {r.dst, r.len}));
  FL_ASSIGN(const GuestRange from, ValidRange(task, {r.src, r.len}));
  if ((r.mode & ~(kUffdioMoveDontwake | kUffdioMoveAllowHoles)) != 0) {
    return Errno::kEINVAL;
  }
  const auto holes = (r.mode & kUffdioMoveAllowHoles) != 0
                         ? mm::SourceHoles::kAllowed
                         : mm::SourceHoles::kRefused;
  return Answer(task, ctx, mm::UffdIoctl::kMove, to,
                mm::UffdMovePages(ctx, to.start, from, holes), answer_at,
                (r.mode & kUffdioMoveDontwake) == 0);
}

// Some came later than others, and one never.
bool Knows(const mm::BehaviourSet& behaviours, uint32_t request) {
  const uint64_t features = mm::UffdKnownFeatures(behaviours);
  switch (request) {
    case kUffdioPoison:
      return (features & mm::kUffdPoison) != 0;
    case kUffdioMove:
      return (features & mm::kUffdMove) != 0;
    case kUffdioWriteProtectPartial:
      return behaviours.wp_partial_report() == mm::WpPartialReport::kOn;
    default:
      return true;
  }
}

}  // namespace

ErrnoOr<uint64_t> UffdIoctl(Task& task, UffdContext& ctx, uint32_t request,
                            uint64_t arg) {
  if ((request != kUffdioApi && !ctx.initialized()) ||
      !Knows(task.kernel().memory().behaviours(), request)) {
    return Errno::kEINVAL;
  }
  switch (request) {
    case kUffdioApi:
      return Api(task, ctx, arg);
    case kUffdioRegister:
      return Register(task, ctx, arg);
    case kUffdioUnregister:
      return Unregister(task, ctx, arg);
    case kUffdioWake:
      return Wake(task, ctx, arg);
    case kUffdioCopy:
      return Copy(task, ctx, arg);
    case kUffdioZeropage:
      return Fill(task, ctx, arg, mm::UffdFill::kZero,
                  mm::UffdIoctl::kZeropage);
    case kUffdioContinue:
      return Fill(task, ctx, arg, mm::UffdFill::kContinue,
                  mm::UffdIoctl::kContinue);
    case kUffdioPoison:
      return Fill(task, ctx, arg, mm::UffdFill::kPoison,
                  mm::UffdIoctl::kPoison);
    case kUffdioMove:
      return Move(task, ctx, arg);
    case kUffdioWriteProtect:
      return WriteProtect(task, ctx, arg);
    case kUffdioWriteProtectPartial:
      return WriteProtectPartial(task, ctx, arg);
    default:
      return Errno::kEINVAL;
  }
}

}  // namespace faultline::os
