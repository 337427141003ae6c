#include "plugin/gdb/gdb_signal.h"

#include <iterator>

namespace faultline::gdb {
namespace {

constexpr int kUnknown = 143;
constexpr int kLinuxMax = 64;

// Indexed by Linux's number; SIGSTKFLT has none.
constexpr int kNumbers[] = {0,  1,  2,  3,  4,  5,        6,  10, 8,  9,  30,
                            11, 31, 13, 14, 15, kUnknown, 20, 19, 17, 18, 21,
                            22, 16, 24, 25, 26, 27,       28, 23, 32, 12};

}  // namespace

int ToGdbSignal(int signo) {
  if (signo >= 0 && signo < int(std::size(kNumbers))) {
    return kNumbers[signo];
  }
  switch (signo) {
    case 32:
      return 77;
    case kLinuxMax:
      return 78;
    default:
      return signo > 32 && signo < kLinuxMax ? signo - 33 + 45 : kUnknown;
  }
}

int FromGdbSignal(int number) {
  for (int signo = 1; signo <= kLinuxMax; ++signo) {
    if (ToGdbSignal(signo) == number && number != kUnknown) {
      return signo;
    }
  }
  return 0;
}

}  // namespace faultline::gdb
