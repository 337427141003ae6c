#ifndef FAULTLINE_GUEST_MM_BASE_CHECK_HANDLER_H_
#define FAULTLINE_GUEST_MM_BASE_CHECK_HANDLER_H_

// What a broken invariant (check.h) does in a process that is to outlive it:
// an experiment that brings one about wants to tell of it.

namespace faultline {

// Called instead of ending the process. It may throw; if it returns, the
// process ends after all.
using CheckHandler = void (*)(const char* file, int line, const char* what);

// Of this thread. Null: none. Returns the one before.
CheckHandler SetCheckHandler(CheckHandler handler);

}  // namespace faultline

#endif  // FAULTLINE_GUEST_MM_BASE_CHECK_HANDLER_H_
