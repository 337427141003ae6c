#include "plugin/linux/loader/loader.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/arch_ops.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/gup/access_remote_vm.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/fs/file.h"
#include "plugin/linux/loader/elf_image.h"
#include "plugin/linux/loader/load_error.h"
#include "plugin/linux/loader/map_image.h"
#include "plugin/linux/loader/script.h"
#include "plugin/linux/loader/vdso.h"

namespace faultline::os {
namespace {

using mm::GuestAddr;

constexpr int kMaxScripts = 5;  // as exec_binprm()
// What stays free below the arguments at first (setup_arg_pages()).
constexpr uint64_t kStackExpand = 128 * 1024;
constexpr uint64_t kMinMmapGap = 128ull << 20;
constexpr uint64_t kClockTicks = 100;
constexpr size_t kCommMax = 15;

class CachedFile : public ByteSource {
 public:
  explicit CachedFile(mm::Mapping& mapping) : mapping_(mapping) {}
  uint64_t size() const override { return mapping_.size(); }
  ErrnoOr<uint64_t> Read(uint64_t offset,
                         absl::Span<std::byte> to) const override {
    return mapping_.Read(offset, to);
  }

 private:
  mm::Mapping& mapping_;
};

// A file that turned out to be an ELF image.
struct Binary {
  std::shared_ptr<File> file;
  std::shared_ptr<mm::MappedFile> mapped;
  ElfImage image;
};

absl::Status OpenError(Errno error, const std::string& path) {
  const char* why = error == Errno::kENOENT    ? "no such file in the guest"
                    : error == Errno::kEACCES  ? "not an executable file"
                    : error == Errno::kENOTDIR ? "a part of the path is no "
                                                 "directory"
                                               : nullptr;
  return LoadError(error, absl::StrFormat("%s: %s", path,
                                          why != nullptr ? std::string_view(why)
                                                         : ErrnoName(error)));
}

absl::Status WithPath(const absl::Status& status, const std::string& path) {
  return LoadError(ErrnoOf(status), absl::StrCat(path, ": ", status.message()));
}

ElfDemands DemandsOf(const LoadRequest& r) {
  ElfDemands d;
  d.machine = r.abi.identity().elf_machine;
  d.page_bytes = r.memory.page_shift().bytes();
  d.user_end = r.memory.arch().layout().user_end.value();
  return d;
}

absl::StatusOr<std::shared_ptr<mm::MappedFile>> MappedOf(
    const std::shared_ptr<File>& file, const std::string& path) {
  auto mapped = file->Mappable();
  if (mapped == nullptr) {
    return OpenError(Errno::kEACCES, path);
  }
  return mapped;
}

// Follows "#!" lines until a binary is found; rewrites argv on the way.
absl::StatusOr<Binary> OpenBinary(LoadRequest& r) {
  std::string path = r.path;
  std::shared_ptr<File> file = r.file;
  for (int depth = 0; depth <= kMaxScripts; ++depth) {
    if (file == nullptr) {
      auto opened = r.files.Open(path);
      if (!opened.ok()) {
        return OpenError(opened.error(), path);
      }
      file = *std::move(opened);
    }
    auto mapped = MappedOf(file, path);
    if (!mapped.ok()) {
      return mapped.status();
    }
    const CachedFile source((*mapped)->mapping());
    std::string head(kScriptHead, '\0');
    auto got = source.Read(
        0,
        absl::MakeSpan(reinterpret_cast<std::byte*>(head.data()), head.size()));
    if (!got.ok()) {
      return OpenError(got.error(), path);
    }
    head.resize(*got);
    auto script = ParseScript(head);
    if (!script.ok()) {
      return LoadError(script.error(), absl::StrCat(path, ": bad #! line"));
    }
    if (!script->has_value()) {
      auto image = ParseElf(source, DemandsOf(r));
      if (!image.ok()) {
        return WithPath(image.status(), path);
      }
      return Binary{file, *mapped, *std::move(image)};
    }
    std::vector<std::string> argv{(*script)->interpreter};
    if ((*script)->argument.has_value()) {
      argv.push_back(*(*script)->argument);
    }
    argv.push_back(path);
    if (!r.argv.empty()) {
      argv.insert(argv.end(), r.argv.begin() + 1, r.argv.end());
    }
    r.argv = std::move(argv);
    path = (*script)->interpreter;
    file = nullptr;
  }
  return LoadError(Errno::kELOOP,
                   absl::StrCat(r.path, ": too many #! interpreters"));
}

absl::StatusOr<Binary> OpenInterpreter(LoadRequest& r, const Binary& program) {
  const std::string& path = program.image.interpreter;
  auto file = r.files.Open(path);
  if (!file.ok()) {
    return LoadError(
        file.error(),
        absl::StrFormat("%s: a dynamic program, and its interpreter %s is not "
                        "in the guest (bind a root in with --bind)",
                        r.path, path));
  }
  auto mapped = MappedOf(*file, path);
  if (!mapped.ok()) {
    return mapped.status();
  }
  auto image = ParseElf(CachedFile((*mapped)->mapping()), DemandsOf(r));
  if (!image.ok()) {
    // Linux: a bad interpreter is ELIBBAD, whatever is wrong with it.
    return LoadError(Errno::kELIBBAD, absl::StrCat("interpreter ", path, ": ",
                                                   image.status().message()));
  }
  return Binary{*std::move(file), *mapped, *std::move(image)};
}

uint64_t RandomPages(const LoadRequest& r, uint64_t mask) {
  return r.randomize ? (r.random() & mask) << r.memory.page_shift().value() : 0;
}

// mm/util.c arch_pick_mmap_layout(), mmap_base(): room for the stack to grow.
void PickMmapBase(const LoadRequest& r, mm::AddressSpace& mm) {
  const mm::AddressLayout& l = r.memory.arch().layout();
  const uint64_t page = r.memory.page_shift().bytes();
  const uint64_t pad = (l.stack_rnd_pages + 1) * page +
                       r.memory.sysctl().stack_guard_gap_pages * page;
  uint64_t gap = r.limits.stack;
  if (gap + pad > gap) {
    gap += pad;
  }
  gap = std::clamp(gap, kMinMmapGap, l.mmap_end.value() / 6 * 5);
  mm.mmap_base = (l.mmap_end - gap - RandomPages(r, l.mmap_rnd_pages))
                     .PageDown(r.memory.page_shift());
}

// Everything mapped: where it is.
struct Placement {
  MappedImage program;
  uint64_t interpreter_base = 0;  // 0: none
  uint64_t start_pc = 0;
};

absl::StatusOr<Placement> MapBinaries(LoadRequest& r, mm::AddressSpace& mm,
                                      const Binary& program,
                                      const Binary* interpreter) {
  const mm::AddressLayout& l = r.memory.arch().layout();
  std::optional<uint64_t> base;
  if (program.image.position_independent && interpreter != nullptr) {
    base = l.pie_base + RandomPages(r, l.mmap_rnd_pages);
  }
  auto mapped = MapImage(r.code, mm, program.image, program.mapped, base);
  if (!mapped.ok()) {
    return WithPath(mapped.status(), r.path);
  }
  Placement out{*mapped, 0, mapped->bias + program.image.entry};
  if (interpreter != nullptr) {
    auto at = MapImage(r.code, mm, interpreter->image, interpreter->mapped, {});
    if (!at.ok()) {
      return WithPath(at.status(), program.image.interpreter);
    }
    out.interpreter_base = at->bias;
    out.start_pc = at->bias + interpreter->image.entry;
  }
  return out;
}

void PlaceBrk(const LoadRequest& r, mm::AddressSpace& mm, const Binary& program,
              const Placement& p) {
  const mm::AddressLayout& l = r.memory.arch().layout();
  const auto shift = r.memory.page_shift();
  // A static PIE lies among the mappings; its heap goes where a program would.
  uint64_t brk = program.image.position_independent && p.interpreter_base == 0
                     ? l.pie_base
                     : p.program.brk;
  brk = GuestAddr(brk).PageUp(shift).value();
  if (r.randomize && l.brk_rnd_bytes != 0) {
    brk = GuestAddr(brk + r.random() % l.brk_rnd_bytes).PageUp(shift).value();
  }
  mm::SetupBrk(mm, GuestAddr(brk));
}

AuxVector MakeAux(const LoadRequest& r, const Binary& program,
                  const Placement& p) {
  const AbiIdentity& id = r.abi.identity();
  const uint64_t phdr = program.image.program_headers;
  return {{AT_MINSIGSTKSZ, id.min_signal_stack},
          {AT_HWCAP, id.hwcap},
          {AT_PAGESZ, r.memory.page_shift().bytes()},
          {AT_CLKTCK, kClockTicks},
          {AT_PHDR, phdr == 0 ? 0 : p.program.bias + phdr},
          {AT_PHENT, sizeof(Elf64_Phdr)},
          {AT_PHNUM, program.image.program_header_count},
          {AT_BASE, p.interpreter_base},
          {AT_FLAGS, 0},
          {AT_ENTRY, p.program.bias + program.image.entry},
          {AT_UID, r.cred.uid},
          {AT_EUID, r.cred.euid},
          {AT_GID, r.cred.gid},
          {AT_EGID, r.cred.egid},
          {AT_SECURE, 0},
          {AT_HWCAP2, id.hwcap2},
          {AT_RSEQ_FEATURE_SIZE, 28},
          {AT_RSEQ_ALIGN, 32}};
}

absl::Status MakeStack(LoadRequest& r, mm::AddressSpace& mm,
                       const Binary& program, const Placement& p,
                       LoadedProgram& out) {
  const mm::AddressLayout& l = r.memory.arch().layout();
  const auto shift = r.memory.page_shift();
  const GuestAddr top =
      (l.stack_top - RandomPages(r, l.stack_rnd_pages)).PageDown(shift);
  InitialStack stack;
  stack.file_name = r.path;
  stack.argv = r.argv;
  stack.envp = r.envp;
  stack.platform = std::string(r.abi.identity().platform);
  for (size_t i = 0; i < stack.random.size(); i += sizeof(uint64_t)) {
    const uint64_t word = r.random();
    std::memcpy(&stack.random[i], &word, sizeof word);
  }
  stack.aux = MakeAux(r, program, p);
  // arch_align_stack(): some bytes of jitter, then room for the strings; at
  // most a quarter of the stack's limit (and 6 MB).
  const uint64_t jitter = r.randomize ? r.random() % 8192 & ~uint64_t{15} : 0;
  const uint64_t limit =
      std::clamp<uint64_t>(r.limits.stack / 4, 128 << 10, 6ull << 20);
  auto laid = LayOutStack(stack, top.value() - jitter, limit);
  if (!laid.ok()) {
    return LoadError(laid.error(),
                     absl::StrCat(r.path, ": argument list too long"));
  }
  const uint64_t used = top.value() - laid->sp;
  const uint64_t bytes = GuestAddr(used + kStackExpand).PageUp(shift).value();
  const mm::Prot prot =
      program.image.executable_stack ? mm::Prot::RWX() : mm::Prot::RW();
  auto mapped = mm::SetupStack(mm, top, bytes, prot);
  if (!mapped.ok() ||
      mm::WriteRemoteVm(mm, GuestAddr(laid->sp), laid->bytes,
                        mm::RemoteRights::kObeyed) != laid->bytes.size()) {
    return LoadError(mapped.ok() ? Errno::kENOMEM : mapped.error(),
                     absl::StrCat(r.path, ": too little memory for a stack"));
  }
  mm.start_stack = GuestAddr(laid->sp);
  mm.arg_start = GuestAddr(laid->arg_start);
  mm.arg_end = GuestAddr(laid->arg_end);
  mm.env_start = GuestAddr(laid->env_start);
  mm.env_end = GuestAddr(laid->env_end);
  out.sp = laid->sp;
  out.aux = std::move(laid->aux);
  return absl::OkStatus();
}

void NoteLayout(mm::AddressSpace& mm, const MappedImage& image) {
  mm.start_code = GuestAddr(image.start_code);
  mm.end_code = GuestAddr(image.end_code);
  mm.start_data = GuestAddr(image.start_data);
  mm.end_data = GuestAddr(image.end_data);
}

}  // namespace

absl::StatusOr<LoadedProgram> Load(LoadRequest r) {
  LoadedProgram out;
  out.comm = r.path.substr(r.path.rfind('/') + 1).substr(0, kCommMax);
  if (r.argv.empty()) {
    r.argv.emplace_back();  // Linux since 5.18: argc is never 0
  }
  auto program = OpenBinary(r);
  if (!program.ok()) {
    return program.status();
  }
  std::optional<Binary> interpreter;
  if (!program->image.interpreter.empty()) {
    auto opened = OpenInterpreter(r, *program);
    if (!opened.ok()) {
      return opened.status();
    }
    interpreter = *std::move(opened);
  }
  auto mm = mm::AddressSpace::Create(r.memory);
  if (!mm.ok()) {
    return LoadError(mm.error(),
                     absl::StrCat(r.path, ": too little memory to start"));
  }
  out.mm = *std::move(mm);
  out.mm->limits = r.limits;
  out.mm->thp_disabled = r.thp_disabled;
  PickMmapBase(r, *out.mm);
  auto placed =
      MapBinaries(r, *out.mm, *program, interpreter ? &*interpreter : nullptr);
  if (!placed.ok()) {
    return placed.status();
  }
  NoteLayout(*out.mm, placed->program);
  PlaceBrk(r, *out.mm, *program, *placed);
  if (absl::Status s = MakeStack(r, *out.mm, *program, *placed, out); !s.ok()) {
    return s;
  }
  if (r.vdso != nullptr) {
    auto at = MapVdso(*out.mm, r.vdso);
    if (!at.ok()) {
      return LoadError(at.error(),
                       absl::StrCat(r.path, ": too little memory to start"));
    }
    out.sigreturn_code = at->value();
  }
  out.exe = program->file;
  out.pc = placed->start_pc;
  return out;
}

}  // namespace faultline::os
