#ifndef FAULTLINE_GUEST_MM_BASE_INVARIANT_H_
#define FAULTLINE_GUEST_MM_BASE_INVARIANT_H_

// FL_INVARIANT: FL_CHECK (check.h) with words for those who never see our code:
// users meet it when an experiment breaks what Linux promises itself. `what`
// says what ought to hold.

#include "guest_mm/base/check.h"

#define FL_INVARIANT(cond, what)                          \
  do {                                                    \
    if (!(cond)) [[unlikely]] {                           \
      ::faultline::CheckFailed(__FILE__, __LINE__, what); \
    }                                                     \
  } while (false)

#endif  // FAULTLINE_GUEST_MM_BASE_INVARIANT_H_
