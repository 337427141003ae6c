#ifndef FAULTLINE_GUEST_MM_BASE_CHECK_H_
#define FAULTLINE_GUEST_MM_BASE_CHECK_H_

// FL_CHECK: an invariant of ours, checked in every build; a broken one ends
// the process with the place and the condition. FL_DCHECK: the same where the
// check is too dear for release builds. Neither is for guest input.
// (Abseil's own CHECK is newer than the Abseil of Debian 12.)

namespace faultline {
[[noreturn]] void CheckFailed(const char* file, int line, const char* what);
}  // namespace faultline

#define FL_CHECK(cond)                                     \
  do {                                                     \
    if (!(cond)) [[unlikely]] {                            \
      ::faultline::CheckFailed(__FILE__, __LINE__, #cond); \
    }                                                      \
  } while (false)

#ifdef NDEBUG
#define FL_DCHECK(cond) \
  do {                  \
    if (false) {        \
      (void)(cond);     \
    }                   \
  } while (false)
#else
#define FL_DCHECK(cond) FL_CHECK(cond)
#endif

#endif  // FAULTLINE_GUEST_MM_BASE_CHECK_H_
