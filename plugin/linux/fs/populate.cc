#include "plugin/linux/fs/populate.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/uffd/userfaultfd.h"

namespace faultline::os {
namespace {

struct Directory {
  absl::string_view path;
  uint32_t mode;
};
constexpr Directory kDirectories[] = {
    {"/bin", 0755},     {"/dev", 0755},  {"/dev/shm", 01777},
    {"/etc", 0755},     {"/home", 0755}, {"/lib", 0755},
    {"/mnt", 0755},     {"/proc", 0555}, {"/root", 0700},
    {"/run", 0755},     {"/sbin", 0755}, {"/sys", 0555},
    {"/tmp", 01777},    {"/usr", 0755},  {"/usr/bin", 0755},
    {"/usr/lib", 0755}, {"/var", 0755},  {"/var/tmp", 01777},
};

struct Link {
  absl::string_view path, target;
};
constexpr Link kLinks[] = {
    {"/dev/fd", "/proc/self/fd"},
    {"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"},
    {"/dev/stderr", "/proc/self/fd/2"},
};

struct TextFile {
  absl::string_view path, text;
};
constexpr TextFile kFiles[] = {
    {"/etc/passwd",
     "root:x:0:0:root:/root:/bin/sh\n"
     "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"},
    {"/etc/group", "root:x:0:\nnogroup:x:65534:\n"},
};

}  // namespace

absl::Status PopulateRoot(Vfs& vfs, FillRandom fill_random) {
  for (const Directory& d : kDirectories) {
    if (absl::Status s = vfs.MakeDirs(d.path, d.mode); !s.ok()) {
      return s;
    }
  }
  for (const Link& l : kLinks) {
    if (absl::Status s = vfs.MakeLink(l.path, l.target); !s.ok()) {
      return s;
    }
  }
  for (const TextFile& f : kFiles) {
    if (absl::Status s = vfs.WriteFile(f.path, f.text); !s.ok()) {
      return s;
    }
  }
  AddMemDevices(vfs, std::move(fill_random));
  AddUserfaultfdDevice(vfs);
  return absl::OkStatus();
}

}  // namespace faultline::os
