// Random calls over memory that may be huge, against a model that knows only
// bytes: a map from page to contents, for two processes.

#include <algorithm>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kHuges = 4;

class HugeModelTest : public HugeTest {
 protected:
  struct Page {
    bool mapped = false;
    bool writable = false;
    uint8_t value = 0;
  };
  // A process and what its memory must hold, by base page.
  struct Model {
    AddressSpace* mm;
    std::vector<Page> pages;
  };

  uint64_t Below(uint64_t n) { return random_() % n; }
  // A range that often has edges where huge pages have theirs.
  std::pair<uint64_t, uint64_t> Range() {
    const uint64_t all = kHuges * huge_pages();
    uint64_t from = Below(2) != 0 ? Below(kHuges) * huge_pages() : Below(all);
    uint64_t count = Below(2) != 0 ? huge_pages() : 1 + Below(all - from);
    return {from, std::min(count, all - from)};
  }

  void Step(Model& p) {
    const auto [from, count] = Range();
    const GuestAddr at = At(from);
    const uint64_t bytes = count * page();
    const auto each = [&, first = from, n = count](auto fn) {
      for (uint64_t i = first; i < first + n; ++i) {
        fn(p.pages[i]);
      }
    };
    switch (Below(8)) {
      case 0: {
        MmapRequest r;
        r.hint = at;
        r.length = bytes;
        r.prot = kRW;
        r.flags = kAnon | kMapFixed;
        ASSERT_TRUE(Mmap(*p.mm, r).ok());
        each([](Page& page) { page = {true, true, 0}; });
        break;
      }
      case 1:
        ASSERT_TRUE(Munmap(*p.mm, at, bytes).ok());
        each([](Page& page) { page = {}; });
        break;
      case 2: {
        const bool writable = Below(2) != 0;
        if (Mprotect(*p.mm, at, bytes, writable ? 3 : 1).ok()) {
          each([&](Page& page) { page.writable = writable; });
        } else {  // a hole: what lies before it was changed
          for (uint64_t i = from; i < from + count && p.pages[i].mapped; ++i) {
            p.pages[i].writable = writable;
          }
        }
        break;
      }
      case 3:
        (void)Madvise(*p.mm, at, bytes, 4);
        each([](Page& page) { page.value = 0; });
        break;
      case 4:
        (void)Madvise(*p.mm, at, bytes, Below(2) != 0 ? 14 : 15);
        break;
      default:
        for (int i = 0; i < 8; ++i) {
          Touch(p, from + Below(count));
        }
    }
  }

  void Touch(Model& p, uint64_t i) {
    Page& page = p.pages[i];
    if (Below(3) == 0) {
      const auto value = uint8_t(Below(256));
      ASSERT_EQ(m_.Store(*p.mm, At(i), value), page.mapped && page.writable);
      page.value = page.writable ? value : page.value;
    } else {
      ASSERT_EQ(m_.Load(*p.mm, At(i)), page.mapped ? page.value : -1);
    }
  }

  void CheckAll(Model& p) {
    for (uint64_t i = 0; i < p.pages.size(); ++i) {
      ASSERT_EQ(m_.Load(*p.mm, At(i)),
                p.pages[i].mapped ? p.pages[i].value : -1)
          << "page " << i;
    }
  }

  std::mt19937_64 random_;
};
INSTANTIATE_HUGE_TEST(HugeModelTest);

TEST_P(HugeModelTest, MemoryHoldsWhatWasStoredWhateverIsSplitAndShared) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    random_.seed(seed);
    Model parent{&m_.NewSpace(), std::vector<Page>(kHuges * huge_pages())};
    parent.mm->mmap_base = GuestAddr(0x7f0000000000);
    std::optional<Model> child;
    for (int step = 0; step < 120; ++step) {
      SCOPED_TRACE(step);
      const uint64_t what = Below(30);
      if (what == 0 && !child) {
        child = Model{&m_.Adopt(*DupMm(*parent.mm)), parent.pages};
      } else if (what == 1 && child) {
        CheckAll(*child);
        m_.Drop(*child->mm);
        child.reset();
      } else {
        Step(child && Below(2) != 0 ? *child : parent);
      }
      if (HasFatalFailure()) {
        return;
      }
      m_.Validate();
    }
    CheckAll(parent);
    if (child) {
      CheckAll(*child);
      m_.Drop(*child->mm);
    }
    m_.Drop(*parent.mm);
  }
}

}  // namespace
}  // namespace faultline::mm
