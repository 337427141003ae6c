#ifndef FAULTLINE_TESTS_DIFFERENTIAL_NEWER_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_NEWER_H_

// What older C libraries' headers lack.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 8
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x20
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif
#ifndef SYS_mseal
#define SYS_mseal 462
#endif

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_NEWER_H_
