#include "guest_mm/base/check.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "guest_mm/base/check_handler.h"

namespace faultline {
namespace {

constinit thread_local CheckHandler check_handler = nullptr;

}  // namespace

CheckHandler SetCheckHandler(CheckHandler handler) {
  return std::exchange(check_handler, handler);
}

void CheckFailed(const char* file, int line, const char* what) {
  if (check_handler != nullptr) {
    check_handler(file, line, what);
  }
  std::fprintf(stderr, "faultline: %s:%d: broken invariant: %s\n", file, line,
               what);
  std::fflush(nullptr);  // traces too: they lead here
  std::abort();
}

}  // namespace faultline
