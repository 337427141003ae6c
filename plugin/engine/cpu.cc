#include "plugin/engine/cpu.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"
#include "arch_arm64/mte_insn.h"
#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/frame_window.h"
#include "plugin/engine/uc_status.h"

namespace faultline::engine {
namespace {

bool OnTlbFill(uc_engine*, uint64_t va, uc_mem_type type, uc_tlb_entry* out,
               void* user) {
  return static_cast<Cpu::Impl*>(user)->Fill(va, type, out);
}

bool OnForbidden(uc_engine*, uc_mem_type, uint64_t physical, int, int64_t,
                 void* user) {
  auto& cpu = *static_cast<Cpu::Impl*>(user);
  if (cpu.probing && !cpu.probe_hit) {
    cpu.probe_hit = true;
    const uint64_t offset = physical - kPoisonPhys;
    // On the second page: the access begins before the page that faulted.
    cpu.probe_offset = offset < kEnginePageBytes ? offset : 0;
  }
  return false;
}

}  // namespace

CpuContext::CpuContext(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

CpuContext::~CpuContext() {
  if (state_->owner.watching != nullptr && state_->mode == mm::Mode::kUser) {
    state_->owner.watching->Gone(*this);
  }
  if (state_->owner.loaded == this) {
    state_->owner.loaded = nullptr;
  }
}

Cpu::Impl::Impl(Arch a, const Port& p)
    : arch(a), port(p), image(KernelImage::Of(a)) {}

Cpu::Impl::~Impl() {
  blank_context.reset();
  if (uc != nullptr) {
    uc_close(uc);
  }
}

absl::Status Cpu::Impl::Open() {
  const unsigned version = uc_version(nullptr, nullptr) >> 8;
  if (version < 0x020104) {
    return absl::FailedPreconditionError(
        absl::StrFormat("Unicorn 2.1.4 or newer is needed; this is %u.%u.%u",
                        version >> 16, version >> 8 & 0xff, version & 0xff));
  }
  FL_RETURN_IF_UC_ERROR(port.Open(&uc));
  FL_RETURN_IF_UC_ERROR(uc_ctl_tlb_mode(uc, UC_TLB_VIRTUAL));
  uc_hook hook = 0;
  FL_RETURN_IF_UC_ERROR(uc_hook_add(uc, &hook, UC_HOOK_TLB_FILL,
                                    reinterpret_cast<void*>(&OnTlbFill), this,
                                    1, 0));
  return port.AddHooks(*this);
}

// The engine's own allocation of one, byte by byte.
UcContext Cpu::Impl::AllocateContext() const {
  const size_t bytes = uc_context_size(uc);
  UcContext c(static_cast<uc_context*>(::operator new(bytes)));
  std::memcpy(static_cast<void*>(c.get()), blank_context.get(), bytes);
  return c;
}

absl::Status Cpu::Impl::Attach(mm::PhysMem& memory) {
  phys = &memory;
  page_shift = memory.page_shift();
  aliases.emplace(memory.total());
  user_end = port.arch_ops().layout().user_end.value();
  FL_RETURN_IF_UC_ERROR(
      uc_mem_map_ptr(uc, 0, memory.bytes(), UC_PROT_ALL, memory.ram()));
  FL_RETURN_IF_UC_ERROR(
      uc_mem_map(uc, kPoisonPhys, kPoisonBytes, UC_PROT_NONE));
  uc_hook hook = 0;
  FL_RETURN_IF_UC_ERROR(
      uc_hook_add(uc, &hook, UC_HOOK_MEM_READ_PROT | UC_HOOK_MEM_WRITE_PROT,
                  reinterpret_cast<void*>(&OnForbidden), this, kPoisonPhys,
                  kPoisonPhys + kPoisonBytes - 1));

  if (port.arch_ops().geometry().memory_tags) {
    if (absl::Status status = MapTagWindow(); !status.ok()) {
      return status;
    }
  }

  const mm::PageCount frames =
      mm::PageCount::ToHold(image.bytes.size(), page_shift);
  if (frames > memory.total()) {
    return absl::InvalidArgumentError("no room for the guest kernel image");
  }
  memory.Reserve(mm::Pfn(0), frames);
  image_phys = 0;
  std::memcpy(memory.Data(mm::Pfn(0)), image.bytes.data(), image.bytes.size());
  return Boot();
}

// Brings the CPU up: control registers, then down into user mode, each time
// keeping what it then looks like.
absl::Status Cpu::Impl::Boot() {
  uc_context* blank = nullptr;
  FL_RETURN_IF_UC_ERROR(uc_context_alloc(uc, &blank));
  blank_context.reset(blank);
  for (UcContext* c :
       {&kernel_context, &clean_context, &scratch_context, &refused_context}) {
    *c = AllocateContext();
  }
  mode = mm::Mode::kKernel;
  uint64_t stack = image.stack_top;
  uc_reg_write(uc, port.sp(), &stack);
  RunRoutine(image.boot);
  uc_context_save(uc, kernel_context.get());

  constexpr uint64_t kStackBytes = 1024;
  port.PrepareEnterUser(uc, image,
                        absl::MakeSpan(phys->ram() + image_phys +
                                           (stack - kStackBytes - image.base),
                                       kStackBytes));
  // The first fetch in user mode is refused; it has entered all the same.
  const uc_err err = Enter(image.enter_user);
  FL_CHECK(err == UC_ERR_EXCEPTION && stop == Stop::kNone);
  mode = mm::Mode::kUser;
  port.Write(uc, port.Initial());
  uc_context_save(uc, clean_context.get());
  return arch == Arch::kArm64 ? FindExclusive() : absl::OkStatus();
}

Cpu::Cpu(Arch arch, std::unique_ptr<Impl> impl)
    : arch_(arch), impl_(std::move(impl)) {}
Cpu::~Cpu() = default;

absl::StatusOr<std::unique_ptr<Cpu>> Cpu::Create(Arch arch, Paging paging) {
  const Port* const port = Port::Of(arch, paging);
  if (port == nullptr) {
    return absl::InvalidArgumentError(
        paging == Paging::kLa57 ? "five levels of page tables are x86-64's"
                                : "granules other than 4 KiB are arm64's");
  }
  auto impl = std::make_unique<Impl>(arch, *port);
  if (absl::Status s = impl->Open(); !s.ok()) {
    return s;
  }
  return std::unique_ptr<Cpu>(new Cpu(arch, std::move(impl)));
}

const mm::ArchOps& Cpu::arch_ops() const { return impl_->port.arch_ops(); }

absl::Status Cpu::AttachMemory(mm::PhysMem& phys) {
  return impl_->Attach(phys);
}

void Cpu::SwitchTo(mm::AddressSpace* mm, CpuContext* context) {
  Impl& i = *impl_;
  const uint64_t id = mm == nullptr ? 0 : mm->id();
  if (id != i.mm_id) {
    i.ForgetAllPages();
  }
  i.mm = mm;
  i.mm_id = id;
  if (context != i.loaded) {
    if (i.loaded != nullptr) {
      uc_context_save(i.uc, i.loaded->state().registers.get());
      i.ClearExclusive(i.loaded->state().registers.get());
    }
    uc_context_restore(i.uc, context->state().registers.get());
    i.loaded = context;
    i.mode = context->state().mode;
    i.UseTagChecks(context->state().effective_checks());
    if (i.watching != nullptr && i.mode == mm::Mode::kUser) {
      i.watching->CellsMoved();
      i.watching->watch().OnLoad(*context);
    }
  }
}

const CpuContext* Cpu::loaded() const { return impl_->loaded; }

Cpu::Loaded Cpu::Unload() {
  Impl& i = *impl_;
  const Loaded before{i.mm, i.loaded};
  if (i.loaded != nullptr) {  // which may be the next to run, too
    uc_context_save(i.uc, i.loaded->state().registers.get());
    i.loaded = nullptr;
  }
  i.ForgetAllPages();
  i.mm = nullptr;
  i.mm_id = 0;
  return before;
}

void Cpu::ForEachHostMemory(
    const std::function<void(absl::Span<std::byte>)>& fn) const {
  impl_->kernel_memory.ForEachBlock(fn);
}

absl::Status Cpu::KeepTranslations() {
  Impl& i = *impl_;
  i.kept_code.emplace(i.phys->total(), i.page_shift.bytes());
  if (!i.kept_code->ok()) {
    i.kept_code.reset();
    return absl::InternalError("no room for copies of translated code");
  }
  return absl::OkStatus();
}

// Unicorn copies a context only through the engine.
std::unique_ptr<CpuContext::State> Cpu::Impl::CopyOf(uc_context* from,
                                                     mm::Mode of_mode) {
  UcContext made = AllocateContext();
  uc_context_save(uc, scratch_context.get());
  uc_context_restore(uc, from);
  uc_context_save(uc, made.get());
  uc_context_restore(uc, scratch_context.get());
  return std::unique_ptr<CpuContext::State>(
      new CpuContext::State{*this, std::move(made), of_mode});
}

std::unique_ptr<CpuContext> Cpu::NewContext(const CpuContext* from) {
  Impl& i = *impl_;
  if (from != nullptr && from == i.loaded) {
    uc_context_save(i.uc, from->state().registers.get());
  }
  uc_context* const source =
      from == nullptr ? i.clean_context.get() : from->state().registers.get();
  return std::make_unique<CpuContext>(i.CopyOf(source, mm::Mode::kUser));
}

Trap Cpu::Run(uint64_t max_blocks) { return impl_->Run(max_blocks); }

Trap Cpu::Step() { return impl_->Step(); }
uint64_t Cpu::blocks_run() const { return impl_->blocks; }
CpuDebug& Cpu::debug() { return impl_->debug; }
const Cpu::Counters& Cpu::counters() const { return impl_->counters; }

mm::GuestAddr Cpu::LocateFault(const Trap& trap) {
  return trap.address + impl_->FaultOffset(trap);
}

void Cpu::set_clock(std::function<uint64_t()> nanoseconds) {
  impl_->clock = std::move(nanoseconds);
}

// A routine of the image that has come in between left its own registers there:
// whoever asks for a task's must have switched to it again.
Cpu::Impl& Cpu::OfUser() const {
  FL_CHECK(impl_->mode == mm::Mode::kUser);
  return *impl_;
}

RegisterFile Cpu::ReadRegisters() const {
  RegisterFile regs = impl_->port.Read(OfUser().uc);
  if (impl_->loaded != nullptr && impl_->loaded->state().tco) {
    std::get<arm64::Registers>(regs).pstate |= arm64::kPstateTco;
  }
  return regs;
}
void Cpu::WriteRegisters(const RegisterFile& regs) {
  impl_->port.Write(OfUser().uc, regs);
  if (const auto* r = std::get_if<arm64::Registers>(&regs);
      r != nullptr && impl_->loaded != nullptr) {
    CpuContext::State& state = impl_->loaded->state();
    state.tco = (r->pstate & arm64::kPstateTco) != 0;
    impl_->UseTagChecks(state.effective_checks());
  }
}

uint64_t Cpu::pc() const { return OfUser().pc(); }
void Cpu::set_pc(uint64_t pc) {
  uc_reg_write(OfUser().uc, impl_->port.pc(), &pc);
}
uint64_t Cpu::sp() const {
  uint64_t value = 0;
  uc_reg_read(OfUser().uc, impl_->port.sp(), &value);
  return value;
}
void Cpu::set_sp(uint64_t sp) {
  uc_reg_write(OfUser().uc, impl_->port.sp(), &sp);
}
uint64_t Cpu::thread_pointer() const {
  uint64_t value = 0;
  uc_reg_read(OfUser().uc, impl_->port.thread_pointer(), &value);
  return value;
}
void Cpu::set_thread_pointer(uint64_t value) {
  uc_reg_write(OfUser().uc, impl_->port.thread_pointer(), &value);
}

Cpu::SyscallRegs Cpu::ReadSyscall() const {
  return impl_->port.ReadSyscall(OfUser().uc);
}
void Cpu::WriteSyscallResult(uint64_t value) {
  impl_->port.WriteSyscallResult(OfUser().uc, value);
}

}  // namespace faultline::engine
