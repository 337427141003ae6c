#include "guest_mm/uffd/uffd_context.h"

#include <string>
#include <vector>

#include "tests/guest_mm/uffd/uffd_fixture.h"

namespace faultline::mm {
namespace {

class Steps : public TraceSink {
 public:
  void Emit(TraceKind, std::string_view name,
            absl::Span<const TraceField> fields) override {
    std::string step(name);
    for (const TraceField& f : fields) {
      if (f.key == "by" && f.text != "-") {
        step += " by " + std::string(f.text);
      }
    }
    steps.push_back(step);
  }
  std::vector<std::string> steps;
};

class UffdContextTest : public UffdTest {};

TEST_F(UffdContextTest, TheHandshakeIsOnce) {
  auto ctx = UffdContext::Create(mm_, UffdContext::UserModeOnly::kNo).value();
  EXPECT_FALSE(ctx->initialized());
  EXPECT_TRUE(ctx->Initialize(kUffdSigbus));
  EXPECT_FALSE(ctx->Initialize(0));
  EXPECT_EQ(ctx->features(), kUffdInitialized | kUffdSigbus);
}

TEST_F(UffdContextTest, ContextsAreNumbered) {
  const uint64_t first = NewContext()->id();
  EXPECT_EQ(NewContext()->id(), first + 1);
}

TEST_F(UffdContextTest, OnlyFaultsInTheRangeAreWoken) {
  Map(0, 2);
  auto ctx = NewContext();
  Arm(*ctx, 0, 2, kUffdModeMissing);
  Spawn("a", [&] { EXPECT_EQ(Load(0), 0); });
  Spawn("b", [&] { EXPECT_EQ(Load(1), 0); });
  Spawn("handler", [&] {
    Next(*ctx);
    Next(*ctx);
    EXPECT_THAT(Fill(*ctx, UffdFill::kZero, 0, 2), Succeeds());
    ctx->Wake(Pages(1, 1), "wake");
    EXPECT_EQ(ctx->waiting_faults(), 1u);
    ctx->Wake(Pages(0, 1), "wake");
    EXPECT_EQ(ctx->waiting_faults(), 0u);
  });
  RunToEnd();
}

TEST_F(UffdContextTest, FaultsAreReadInTheOrderTheyCame) {
  Map(0, 3);
  auto ctx = NewContext();
  Arm(*ctx, 0, 3, kUffdModeMissing);
  for (const uint64_t page : {2, 0, 1}) {
    Spawn("faulter", [&, page] { EXPECT_EQ(Load(page), 0); });
  }
  Spawn("handler", [&] {
    EXPECT_EQ(PageOf(Next(*ctx)), 2u);
    EXPECT_EQ(PageOf(Next(*ctx)), 0u);
    EXPECT_EQ(PageOf(Next(*ctx)), 1u);
    EXPECT_EQ(ctx->pending_faults(), 0u);
    EXPECT_EQ(ctx->waiting_faults(), 3u);
    EXPECT_THAT(Fill(*ctx, UffdFill::kZero, 0, 3), Succeeds());
    ctx->Wake(Pages(0, 3), "zeropage");
  });
  RunToEnd();
}

TEST_F(UffdContextTest, AFaultsLifeIsTraced) {
  Map(0, 1);
  auto ctx = NewContext();
  Arm(*ctx, 0, 1, kUffdModeMissing);
  Steps steps;
  machine_.system().trace().Attach(&steps, 1u << unsigned(TraceKind::kUffd));
  Spawn("faulter", [&] { EXPECT_EQ(Load(0), 0); });
  Spawn("handler", [&] {
    Next(*ctx);
    EXPECT_THAT(Fill(*ctx, UffdFill::kZero, 0), Succeeds());
    ctx->Wake(Pages(0, 1), "zeropage");
  });
  RunToEnd();
  machine_.system().trace().Attach(nullptr, 0);
  EXPECT_EQ(steps.steps,
            (std::vector<std::string>{"raised", "delivered",
                                      "woken by zeropage", "retried"}));
}

}  // namespace
}  // namespace faultline::mm
