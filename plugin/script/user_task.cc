#include "plugin/script/user_task.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/fault/handle_page_fault.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/user_memory.h"
#include "plugin/script/world.h"

namespace faultline::script {
namespace {

using engine::Trap;

// Above what no program may map, below where scripts map.
constexpr uint64_t kCodeAddress = 0x20000;
constexpr uint64_t kReadWrite = 3, kReadExec = 5;

ErrnoOr<Done> MapCode(Machine& m, mm::AddressSpace& space) {
  if (space.vmas().Find(mm::GuestAddr(kCodeAddress)) != nullptr) {
    return kDone;
  }
  mm::MmapRequest r;
  r.hint = mm::GuestAddr(kCodeAddress);
  r.length = m.page();
  r.prot = kReadWrite;
  r.flags = mm::kMapPrivate | mm::kMapAnonymous | mm::kMapFixed;
  FL_TRY(mm::Mmap(space, r));
  const auto code = UserCode(m.arch());
  if (os::UserMemory(m.code(), space)
          .CopyTo(kCodeAddress,
                  absl::MakeConstSpan(
                      reinterpret_cast<const std::byte*>(code.data()),
                      code.size())) != 0) {
    return Errno::kENOMEM;
  }
  return mm::Mprotect(space, r.hint, m.page(), kReadExec);
}

}  // namespace

namespace {

class InUse {
 public:
  explicit InUse(bool& flag) : flag_(flag) { flag_ = true; }
  ~InUse() { flag_ = false; }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  bool& flag_;
};

}  // namespace

UserTask::UserTask(std::shared_ptr<Machine> machine,
                   std::shared_ptr<mm::AddressSpace> space)
    : machine_(std::move(machine)),
      space_(std::move(space)),
      context_(machine_->cpu().NewContext()) {}

ErrnoOr<std::shared_ptr<UserTask>> UserTask::Create(
    std::shared_ptr<Machine> machine, std::shared_ptr<mm::AddressSpace> space) {
  FL_TRY(MapCode(*machine, *space));
  return std::shared_ptr<UserTask>(
      new UserTask(std::move(machine), std::move(space)));
}

UserTask::Result UserTask::Do(UserOp op, const UserArgs& args) {
  if (in_use_ && World::Active() != nullptr) {  // its registers are
    World::Active()->FailHere("two actors use one task at the same time");
  }
  const InUse use(in_use_);
  mm::Scheduler::PointIfActive(kUserAccessPoint);
  engine::Cpu& cpu = machine_->cpu();
  cpu.SwitchTo(space_.get(), context_.get());
  BeginUserOp(cpu, kCodeAddress, op, args);
  for (;;) {
    const Trap trap = cpu.Run(0);
    if (trap.kind == Trap::Kind::kSyscall) {
      return {.value = UserOpResult(cpu), .refused = ""};
    }
    if (std::optional<std::string> why = Resolve(trap)) {
      return {.value = 0, .refused = *std::move(why)};
    }
    cpu.SwitchTo(space_.get(), context_.get());
  }
}

std::optional<std::string> UserTask::Resolve(const Trap& trap) {
  if (trap.kind != Trap::Kind::kPageFault) {
    return engine::ToString(trap.kind);
  }
  ++faults_;
  const mm::PageFaultOutcome outcome =
      mm::HandlePageFault(*space_, {.address = trap.address,
                                    .access = trap.access,
                                    .mode = mm::Mode::kUser,
                                    .was_present = trap.was_present});
  if (outcome.handled()) {
    return std::nullopt;
  }
  return mm::ToString(outcome.kind);
}

void UserTask::SetTagChecks(engine::TagChecks checks) {
  checks_ = checks;
  machine_->cpu().SetTagChecks(*context_, checks);
}

size_t UserTask::CopyTo(uint64_t to, absl::Span<const std::byte> from) {
  return os::UserMemory(machine_->code(), *space_,
                        {.tagged_addresses = true, .checks = checks_})
      .CopyTo(to, from);
}

size_t UserTask::CopyFrom(absl::Span<std::byte> to, uint64_t from) {
  return os::UserMemory(machine_->code(), *space_,
                        {.tagged_addresses = true, .checks = checks_})
      .CopyFrom(to, from);
}

size_t UserTask::Clear(uint64_t to, size_t bytes) {
  return os::UserMemory(machine_->code(), *space_,
                        {.tagged_addresses = true, .checks = checks_})
      .Clear(to, bytes);
}

}  // namespace faultline::script
