#ifndef FAULTLINE_IMAGES_KERNEL_UACCESS_H_
#define FAULTLINE_IMAGES_KERNEL_UACCESS_H_

// How code of the guest kernel image touches user memory. Linux:
// include/linux/uaccess.h, mm/gup.c for fault_in_*().
//
// Pointers to user memory are numbers here: nothing follows them by mistake.
// Whoever calls has seen to it that they lie in the user's half (access_ok()).

#include <stdint.h>

#define EFAULT 14

typedef uint64_t UserAddr;

// Bytes NOT copied (0: all). They copy up to the first byte that faults.
uint64_t copy_to_user(UserAddr to, const void* from, uint64_t bytes);
uint64_t copy_from_user(void* to, UserAddr from, uint64_t bytes);
uint64_t clear_user(UserAddr to, uint64_t bytes);

// One access, whole or not at all. `error` is 0 or -EFAULT.
struct Got {
  int64_t error;
  uint64_t value;
};
struct Got get_user_1(UserAddr from);
struct Got get_user_2(UserAddr from);
struct Got get_user_4(UserAddr from);
struct Got get_user_8(UserAddr from);
int64_t put_user_1(UserAddr to, uint64_t value);
int64_t put_user_2(UserAddr to, uint64_t value);
int64_t put_user_4(UserAddr to, uint64_t value);
int64_t put_user_8(UserAddr to, uint64_t value);

// Replaces an aligned word by `desired` if it is `expected`; the value found.
struct Got cmpxchg_user_4(UserAddr word, uint32_t expected, uint32_t desired);

// Bytes before the NUL, which is copied too; `most` where there is none in so
// many; -EFAULT.
int64_t strncpy_from_user(char* to, UserAddr from, uint64_t most);
// Bytes with the NUL; more than `most` where there is none in so many; 0 where
// it faults.
uint64_t strnlen_user(UserAddr from, uint64_t most);

// Bytes NOT faulted in: each page of the range is read, or a zero is stored to
// its first byte of the range (fault_in_writeable() is for memory that will be
// overwritten). `page` is the size of one.
uint64_t fault_in_readable(UserAddr from, uint64_t bytes, uint64_t page);
uint64_t fault_in_writeable(UserAddr to, uint64_t bytes, uint64_t page);
// And reads a byte of each tag granule, where the architecture has tags, since
// a page may permit what a granule refuses.
uint64_t fault_in_subpage_writeable(UserAddr to, uint64_t bytes, uint64_t page);

#endif  // FAULTLINE_IMAGES_KERNEL_UACCESS_H_
