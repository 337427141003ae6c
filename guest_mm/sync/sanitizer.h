#ifndef FAULTLINE_GUEST_MM_SYNC_SANITIZER_H_
#define FAULTLINE_GUEST_MM_SYNC_SANITIZER_H_

// What AddressSanitizer must be told about stacks that are not the thread's.
// Nothing at all in other builds. (sanitizer/common_interface_defs.h,
// sanitizer/lsan_interface.h)

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define FL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FL_ASAN 1
#endif
#endif

#ifdef FL_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

namespace faultline::mm {

#ifdef FL_ASAN
inline constexpr bool kAddressSanitizer = true;

// About to leave a stack: `fake` keeps its shadow frames (null: it never runs
// again); the next stack is [bottom, bottom + size).
inline void SanitizerLeave(void** fake, const void* bottom, size_t size) {
  __sanitizer_start_switch_fiber(fake, bottom, size);
}
// Arrived on a stack; `old_*` say which one was left.
inline void SanitizerArrive(void* fake, const void** old_bottom,
                            size_t* old_size) {
  __sanitizer_finish_switch_fiber(fake, old_bottom, old_size);
}
inline void SanitizerUnpoison(const void* at, size_t size) {
  ASAN_UNPOISON_MEMORY_REGION(at, size);
}
// A stack that is left for good with live objects on it: what they own is not
// a leak worth reporting.
inline void SanitizerAbandon(const void* at, size_t size) {
  __lsan_register_root_region(at, size);
}
#else
inline constexpr bool kAddressSanitizer = false;
inline void SanitizerLeave(void**, const void*, size_t) {}
inline void SanitizerArrive(void*, const void**, size_t*) {}
inline void SanitizerUnpoison(const void*, size_t) {}
inline void SanitizerAbandon(const void*, size_t) {}
#endif

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_SANITIZER_H_
