#ifndef FAULTLINE_PLUGIN_LINUX_LOADER_VDSO_H_
#define FAULTLINE_PLUGIN_LINUX_LOADER_VDSO_H_

// The page of kernel code that arm64 programs find in their memory: where a
// signal handler returns to when the program gave no restorer of its own
// (Linux: arch/arm64/kernel/vdso/sigreturn.S). It is not an ELF image and is
// not announced by AT_SYSINFO_EHDR: clocks are read by system calls, whose
// order the schedule decides.

#include <memory>

#include "guest_mm/file/mapped_file.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::os {

// The page, shared by all programs. kENOMEM.
ErrnoOr<std::shared_ptr<mm::MappedFile>> MakeVdso(mm::PhysMem& phys);

// Maps it, readable and executable; returns the address of the sigreturn code.
ErrnoOr<mm::GuestAddr> MapVdso(mm::AddressSpace& mm,
                               std::shared_ptr<mm::MappedFile> vdso);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_LOADER_VDSO_H_
