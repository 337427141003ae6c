#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_KPAGE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_KPAGE_H_

// /proc/kpagecount, /proc/kpageflags and /proc/kpagecgroup. Linux:
// fs/proc/page.c.

namespace faultline::os {

class Kernel;
class KnobDir;

void AddKpageFiles(KnobDir& proc, Kernel& kernel);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_KPAGE_H_
