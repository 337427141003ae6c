// The reports of /proc about memory have the lines that every kernel and
// architecture has, in the order they have them.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

// Every one of the space-separated `labels` begins a line, each below the one
// before it.
static void CheckLines(const char* path, const char* labels) {
  FILE* file = fopen(path, "r");
  CHECK(file != NULL);
  char text[1024], all[2048];
  snprintf(all, sizeof all, "%s", labels);
  for (char* label = strtok(all, " "); label; label = strtok(NULL, " ")) {
    bool found = false;
    while (!found && fgets(text, sizeof text, file)) {
      found = strncmp(text, label, strlen(label)) == 0 &&
              text[strlen(label)] == ':';
    }
    if (!found) FAIL("%s: no %s where it belongs", path, label);
  }
  fclose(file);
}

int main(void) {
  CheckLines("/proc/self/status",
             "Name Umask State Tgid Ngid Pid PPid TracerPid Uid Gid FDSize "
             "Groups NStgid NSpid NSpgid NSsid Kthread VmPeak VmSize VmLck "
             "VmPin VmHWM VmRSS RssAnon RssFile RssShmem VmData VmStk VmExe "
             "VmLib VmPTE VmSwap HugetlbPages CoreDumping THP_enabled "
             "untag_mask Threads SigQ SigPnd ShdPnd SigBlk SigIgn SigCgt "
             "CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp "
             "Seccomp_filters Cpus_allowed Cpus_allowed_list Mems_allowed "
             "Mems_allowed_list voluntary_ctxt_switches "
             "nonvoluntary_ctxt_switches");
  Ok("status");

  CheckLines("/proc/self/smaps",
             "Size KernelPageSize MMUPageSize Rss Pss Pss_Dirty Shared_Clean "
             "Shared_Dirty Private_Clean Private_Dirty Referenced Anonymous "
             "KSM LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped "
             "Shared_Hugetlb Private_Hugetlb Swap SwapPss Locked THPeligible "
             "VmFlags Size");
  CheckLines("/proc/self/smaps_rollup",
             "Rss Pss Pss_Dirty Pss_Anon Pss_File Pss_Shmem Shared_Clean "
             "Shared_Dirty Private_Clean Private_Dirty Referenced Anonymous "
             "KSM LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped "
             "Shared_Hugetlb Private_Hugetlb Swap SwapPss Locked");
  Ok("smaps and smaps_rollup");

  CheckLines("/proc/meminfo",
             "MemTotal MemFree MemAvailable Buffers Cached SwapCached Active "
             "Inactive Active(anon) Inactive(anon) Active(file) "
             "Inactive(file) Unevictable Mlocked SwapTotal SwapFree Zswap "
             "Zswapped Dirty Writeback AnonPages Mapped Shmem KReclaimable "
             "Slab SReclaimable SUnreclaim KernelStack PageTables "
             "SecPageTables NFS_Unstable Bounce WritebackTmp CommitLimit "
             "Committed_AS VmallocTotal VmallocUsed VmallocChunk Percpu "
             "AnonHugePages ShmemHugePages ShmemPmdMapped FileHugePages "
             "FilePmdMapped HugePages_Total HugePages_Free HugePages_Rsvd "
             "HugePages_Surp Hugepagesize Hugetlb");
  Ok("meminfo");
}
