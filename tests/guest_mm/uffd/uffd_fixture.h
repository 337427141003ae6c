#ifndef FAULTLINE_TESTS_GUEST_MM_UFFD_UFFD_FIXTURE_H_
#define FAULTLINE_TESTS_GUEST_MM_UFFD_UFFD_FIXTURE_H_

// UffdTest: a small machine with one address space, a userfaultfd of it, and
// actors: those who touch memory and a handler that answers. A test says what
// each does, and then lets all run.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "guest_mm/sync/scheduler.h"
#include "guest_mm/uffd/features.h"
#include "guest_mm/uffd/mfill.h"
#include "guest_mm/uffd/move_pages.h"
#include "guest_mm/uffd/register.h"
#include "guest_mm/uffd/uffd_context.h"
#include "guest_mm/uffd/uffd_vma.h"
#include "guest_mm/uffd/write_protect.h"
#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {

class UffdTest : public SwapTest {
 protected:
  static constexpr uint64_t kSource = 100;  // a page that COPY reads

  explicit UffdTest(const BehaviourSet& behaviours = {})
      : SwapTest(behaviours), scheduler_(MakeRoundRobin()) {
    mm_.system().sysctl().mmap_min_addr = 4096;
  }

  std::shared_ptr<UffdContext> NewContext(
      uint64_t features = 0,
      UffdContext::UserModeOnly user_only = UffdContext::UserModeOnly::kNo) {
    auto ctx = UffdContext::Create(mm_, user_only).value();
    EXPECT_TRUE(ctx->Initialize(features));
    return ctx;
  }
  // Pages [page, page + pages), armed.
  void Arm(UffdContext& ctx, uint64_t page, uint64_t pages, uint64_t modes) {
    ASSERT_THAT(UffdRegister(ctx, Pages(page, pages), modes), Succeeds());
  }
  static GuestRange Pages(uint64_t page, uint64_t pages) {
    return GuestRange::At(At(page), pages * kPage);
  }

  // A page of `value`s to copy from.
  void MapSource(uint8_t value) {
    Map(kSource, 1);
    ASSERT_TRUE(Store(kSource, value));
  }
  ErrnoOr<uint64_t> Copy(UffdContext& ctx, uint64_t page, uint64_t pages = 1,
                         bool write_protect = false) {
    UffdFillRequest r;
    r.range = Pages(page, pages);
    r.source = At(kSource);
    r.from = &mm_;
    r.write_protect = write_protect;
    return UffdFillRange(ctx, r);
  }
  ErrnoOr<uint64_t> Fill(UffdContext& ctx, UffdFill kind, uint64_t page,
                         uint64_t pages = 1, bool write_protect = false) {
    UffdFillRequest r;
    r.kind = kind;
    r.range = Pages(page, pages);
    r.write_protect = write_protect;
    return UffdFillRange(ctx, r);
  }
  ErrnoOr<Done> Protect(UffdContext& ctx, uint64_t page, uint64_t pages = 1) {
    return UffdWriteProtect(ctx, Pages(page, pages), UffdProtection::kProtect);
  }
  ErrnoOr<Done> Resolve(UffdContext& ctx, uint64_t page, uint64_t pages = 1) {
    return UffdWriteProtect(ctx, Pages(page, pages), UffdProtection::kResolve);
  }

  // The next message, waiting for it as read(2) does.
  UffdMessage Next(UffdContext& ctx) {
    for (;;) {
      if (auto message = ctx.Take()) {
        return *std::move(message);
      }
      (void)Scheduler::Active()->Wait(ctx.fd_wait(), Interruptible::kNo);
    }
  }
  uint64_t PageOf(const UffdMessage& m) {
    return (m.start.value() - kBase) / kPage;
  }

  Actor& Spawn(std::string name, std::function<void()> body) {
    return scheduler_.Spawn(std::move(name), std::move(body));
  }
  void RunToEnd() {
    ASSERT_EQ(scheduler_.Run(), Scheduler::End::kAllDone)
        << scheduler_.DescribeActors();
    machine_.Validate();
  }
  PageFaultOutcome::Kind Touch(uint64_t page, Access access,
                               Mode mode = Mode::kUser) {
    return machine_.Touch(mm_, At(page), access, mode);
  }

  Scheduler scheduler_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_UFFD_UFFD_FIXTURE_H_
