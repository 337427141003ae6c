#include "guest_mm/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace faultline {

void CheckFailed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "faultline: %s:%d: broken invariant: %s\n", file, line,
               what);
  std::fflush(nullptr);  // traces too: they lead here
  std::abort();
}

}  // namespace faultline
