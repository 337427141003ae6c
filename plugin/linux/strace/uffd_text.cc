#include "plugin/linux/strace/uffd_text.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "guest_mm/uffd/features.h"
#include "plugin/linux/report/peek.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/uffd/uffd_abi.h"

namespace faultline::os {
namespace {

// How a word of a structure is printed.
enum class As : uint8_t {
  kHex,
  kCount,
  kSigned,
  kFeatures,
  kIoctls,
  kRegisterModes,
  kFillMode,
  kCopyMode,
  kContinueMode,
  kMoveMode,
  kProtectMode
};

struct Word {
  absl::string_view name;
  As as;
};

// A request: the words that the program writes, then those that are answered.
struct Request {
  uint32_t number;
  absl::string_view name;
  std::array<Word, 4> in;
  std::array<Word, 2> out;  // the first may be an input too
};

constexpr Word kNone{"", As::kHex};
constexpr Word kStart{"start", As::kHex};
constexpr Word kLength{"len", As::kCount};

constexpr Request kRequests[] = {
    {kUffdioApi,
     "UFFDIO_API",
     {{{"api", As::kHex}, {"features", As::kFeatures}, kNone, kNone}},
     {{{"features", As::kFeatures}, {"ioctls", As::kIoctls}}}},
    {kUffdioRegister,
     "UFFDIO_REGISTER",
     {{kStart, kLength, {"mode", As::kRegisterModes}, kNone}},
     {{{"ioctls", As::kIoctls}, kNone}}},
    {kUffdioUnregister,
     "UFFDIO_UNREGISTER",
     {{kStart, kLength, kNone, kNone}},
     {{kNone, kNone}}},
    {kUffdioWake,
     "UFFDIO_WAKE",
     {{kStart, kLength, kNone, kNone}},
     {{kNone, kNone}}},
    {kUffdioCopy,
     "UFFDIO_COPY",
     {{{"dst", As::kHex}, {"src", As::kHex}, kLength, {"mode", As::kCopyMode}}},
     {{{"copy", As::kSigned}, kNone}}},
    {kUffdioZeropage,
     "UFFDIO_ZEROPAGE",
     {{kStart, kLength, {"mode", As::kFillMode}, kNone}},
     {{{"zeropage", As::kSigned}, kNone}}},
    {kUffdioMove,
     "UFFDIO_MOVE",
     {{{"dst", As::kHex}, {"src", As::kHex}, kLength, {"mode", As::kMoveMode}}},
     {{{"move", As::kSigned}, kNone}}},
    {kUffdioWriteProtect,
     "UFFDIO_WRITEPROTECT",
     {{kStart, kLength, {"mode", As::kProtectMode}, kNone}},
     {{kNone, kNone}}},
    {kUffdioWriteProtectPartial,
     "UFFDIO_WRITEPROTECT",
     {{kStart, kLength, {"mode", As::kProtectMode}, kNone}},
     {{{"not_protected", As::kSigned}, kNone}}},
    {kUffdioContinue,
     "UFFDIO_CONTINUE",
     {{kStart, kLength, {"mode", As::kContinueMode}, kNone}},
     {{{"mapped", As::kSigned}, kNone}}},
    {kUffdioPoison,
     "UFFDIO_POISON",
     {{kStart, kLength, {"mode", As::kFillMode}, kNone}},
     {{{"updated", As::kSigned}, kNone}}},
};

const Request* Find(uint32_t number) {
  for (const Request& r : kRequests) {
    if (r.number == number) {
      return &r;
    }
  }
  return nullptr;
}

struct Bit {
  uint64_t bit;
  absl::string_view name;
};

std::string Flags(uint64_t value, absl::string_view prefix,
                  absl::Span<const Bit> bits) {
  std::string out;
  const auto add = [&out](absl::string_view a, absl::string_view b) {
    absl::StrAppend(&out, out.empty() ? "" : "|", a, b);
  };
  for (const Bit& b : bits) {
    if ((value & b.bit) != 0) {
      add(prefix, b.name);
      value &= ~b.bit;
    }
  }
  if (value != 0 || out.empty()) {
    add(value == 0 ? "0" : absl::StrFormat("%#x", value), "");
  }
  return out;
}

constexpr Bit kFeatures[] = {
    {mm::kUffdPagefaultFlagWp, "PAGEFAULT_FLAG_WP"},
    {mm::kUffdEventFork, "EVENT_FORK"},
    {mm::kUffdEventRemap, "EVENT_REMAP"},
    {mm::kUffdEventRemove, "EVENT_REMOVE"},
    {mm::kUffdMissingHugetlbfs, "MISSING_HUGETLBFS"},
    {mm::kUffdMissingShmem, "MISSING_SHMEM"},
    {mm::kUffdEventUnmap, "EVENT_UNMAP"},
    {mm::kUffdSigbus, "SIGBUS"},
    {mm::kUffdThreadId, "THREAD_ID"},
    {mm::kUffdMinorHugetlbfs, "MINOR_HUGETLBFS"},
    {mm::kUffdMinorShmem, "MINOR_SHMEM"},
    {mm::kUffdExactAddress, "EXACT_ADDRESS"},
    {mm::kUffdWpHugetlbfsShmem, "WP_HUGETLBFS_SHMEM"},
    {mm::kUffdWpUnpopulated, "WP_UNPOPULATED"},
    {mm::kUffdPoison, "POISON"},
    {mm::kUffdWpAsync, "WP_ASYNC"},
    {mm::kUffdMove, "MOVE"},
};
constexpr Bit kIoctls[] = {
    {UffdIoctlBit(mm::UffdIoctl::kRegister), "REGISTER"},
    {UffdIoctlBit(mm::UffdIoctl::kUnregister), "UNREGISTER"},
    {UffdIoctlBit(mm::UffdIoctl::kWake), "WAKE"},
    {UffdIoctlBit(mm::UffdIoctl::kCopy), "COPY"},
    {UffdIoctlBit(mm::UffdIoctl::kZeropage), "ZEROPAGE"},
    {UffdIoctlBit(mm::UffdIoctl::kMove), "MOVE"},
    {UffdIoctlBit(mm::UffdIoctl::kWriteProtect), "WRITEPROTECT"},
    {UffdIoctlBit(mm::UffdIoctl::kContinue), "CONTINUE"},
    {UffdIoctlBit(mm::UffdIoctl::kPoison), "POISON"},
    {UffdIoctlBit(mm::UffdIoctl::kApi), "API"},
};
constexpr Bit kModes[] = {{mm::kUffdModeMissing, "MISSING"},
                          {mm::kUffdModeWp, "WP"},
                          {mm::kUffdModeMinor, "MINOR"}};
constexpr Bit kFill[] = {{kUffdioFillDontwake, "DONTWAKE"}};
constexpr Bit kCopy[] = {{kUffdioCopyDontwake, "DONTWAKE"},
                         {kUffdioCopyWp, "WP"}};
constexpr Bit kContinue[] = {{kUffdioFillDontwake, "DONTWAKE"},
                             {kUffdioContinueWp, "WP"}};
constexpr Bit kMove[] = {{kUffdioMoveDontwake, "DONTWAKE"},
                         {kUffdioMoveAllowHoles, "ALLOW_SRC_HOLES"}};
constexpr Bit kProtect[] = {{kUffdioWpWp, "WP"},
                            {kUffdioWpDontwake, "DONTWAKE"},
                            {kUffdioWpSkipPinned, "SKIP_PINNED"}};

std::string Value(uint64_t value, As as) {
  switch (as) {
    case As::kHex:
      return absl::StrFormat("%#x", value);
    case As::kCount:
      return absl::StrCat(value);
    case As::kSigned:
      return absl::StrCat(int64_t(value));
    case As::kFeatures:
      return Flags(value, "UFFD_FEATURE_", kFeatures);
    case As::kIoctls:
      return Flags(value, "1<<_UFFDIO_", kIoctls);
    case As::kRegisterModes:
      return Flags(value, "UFFDIO_REGISTER_MODE_", kModes);
    case As::kFillMode:
      return Flags(value, "UFFDIO_MODE_", kFill);
    case As::kCopyMode:
      return Flags(value, "UFFDIO_COPY_MODE_", kCopy);
    case As::kContinueMode:
      return Flags(value, "UFFDIO_CONTINUE_MODE_", kContinue);
    case As::kMoveMode:
      return Flags(value, "UFFDIO_MOVE_MODE_", kMove);
    case As::kProtectMode:
      return Flags(value, "UFFDIO_WRITEPROTECT_MODE_", kProtect);
  }
  return "";
}

// The words of `words` that lie from `at` on; those that are not in memory are
// left out.
std::string Fields(Task& task, uint64_t at, absl::Span<const Word> words,
                   absl::string_view separator) {
  std::string out;
  for (const Word& w : words) {
    uint64_t value = 0;
    const auto bytes =
        absl::MakeSpan(reinterpret_cast<std::byte*>(&value), sizeof value);
    if (!w.name.empty() && PeekUser(task.mm(), at, bytes) == sizeof value) {
      absl::StrAppend(&out, out.empty() ? separator : ", ", w.name, "=",
                      Value(value, w.as));
    }
    at += sizeof value;
  }
  return out;
}

// Where the answer begins: the features of UFFDIO_API are both.
uint64_t AnswerOffset(const Request& r) {
  uint64_t words = 0;
  for (const Word& w : r.in) {
    words += !w.name.empty() && w.name != r.out[0].name ? 1 : 0;
  }
  return words * sizeof(uint64_t);
}

}  // namespace

std::optional<std::string> UffdRequestText(Task& task, uint32_t request,
                                           uint64_t arg) {
  const Request* const r = Find(request);
  if (r == nullptr) {
    return std::nullopt;
  }
  return absl::StrCat(r->name, ", {", Fields(task, arg, r->in, ""));
}

std::string UffdAnswerText(Task& task, uint32_t request, uint64_t arg) {
  const Request* const r = Find(request);
  if (r == nullptr || r->out[0].name.empty()) {
    return "}";
  }
  const bool also_input = request == kUffdioApi;
  return Fields(task, arg + AnswerOffset(*r), r->out,
                also_input ? " => " : ", ") +
         "}";
}

}  // namespace faultline::os
