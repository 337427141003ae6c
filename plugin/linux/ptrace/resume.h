#ifndef FAULTLINE_PLUGIN_LINUX_PTRACE_RESUME_H_
#define FAULTLINE_PLUGIN_LINUX_PTRACE_RESUME_H_

// Letting a traced thread go, or making it stop. Linux: kernel/ptrace.c
// ptrace_resume(), ptrace_detach(), ptrace_request().

#include "plugin/linux/ptrace/ptrace_arch.h"

namespace faultline::os {

// PTRACE_*, of those that resume.cc and requests.cc know.
enum PtraceRequest : int64_t {
  kTraceme = 0,
  kPeekText = 1,
  kPeekData = 2,
  kPokeText = 4,
  kPokeData = 5,
  kCont = 7,
  kKill = 8,
  kSingleStep = 9,
  kAttach = 16,
  kDetach = 17,
  kSyscall = 24,
  kSysemu = 31,
  kSysemuSingleStep = 32,
  kSetOptions = 0x4200,
  kGetEventMsg = 0x4201,
  kGetSigInfo = 0x4202,
  kSetSigInfo = 0x4203,
  kGetRegset = 0x4204,
  kSetRegset = 0x4205,
  kSeize = 0x4206,
  kInterrupt = 0x4207,
  kListen = 0x4208,
  kGetSigmask = 0x420a,
  kSetSigmask = 0x420b,
  kGetSyscallInfo = 0x420e,
};

// It goes on as call.request says, with the signal call.data. kEIO: no such.
SyscallResult PtraceResume(const PtraceCall& call);
SyscallResult PtraceDetach(const PtraceCall& call);
// kEIO: it is not seized; PtraceListen, it does not stand for job control.
SyscallResult PtraceInterrupt(Task& task);
SyscallResult PtraceListen(Task& task);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_PTRACE_RESUME_H_
