#include "tests/plugin/engine/test_machine.h"

#include <cstring>
#include <utility>

#include "guest_mm/base/check.h"
#include "tests/plugin/engine/test_insns.h"

namespace faultline::engine {
namespace {

std::vector<uint8_t> Assemble(Arch arch, std::initializer_list<x64::Bytes> x86,
                              std::initializer_list<uint32_t> arm64) {
  if (arch == Arch::kX86) {
    return x64::Cat(x86);
  }
  std::vector<uint8_t> bytes(arm64.size() * 4);
  std::memcpy(bytes.data(), arm64.begin(), bytes.size());
  return bytes;
}

}  // namespace

std::string ArchName(const testing::TestParamInfo<Arch>& info) {
  return info.param == Arch::kX86 ? "x86" : "arm64";
}

TestMachine::TestMachine(Arch arch, uint64_t bytes)
    : kCallProgram(Assemble(arch, {x64::kSyscall}, {a64::kSvc})),
      kPrivilegedProgram(Assemble(arch, {x64::kCli, x64::kSyscall},
                                  {a64::kMsrDaifset, a64::kSvc})),
      kStoreLoadProgram(
          Assemble(arch, {x64::kStoreRdxRdi, x64::kLoadRcxRdi, x64::kSyscall},
                   {a64::kStrX2X0, a64::kLdrX3X0, a64::kSvc})),
      kLoopProgram(Assemble(arch, {x64::kDecRcxLoop, x64::kSyscall},
                            {a64::kSubsX1One, a64::kBneBack1, a64::kSvc})) {
  auto cpu = Cpu::Create(arch);
  FL_CHECK(cpu.ok());
  cpu_ = *std::move(cpu);
  mm::MemoryManager::Options options;
  options.memory_bytes = bytes;
  auto memory = mm::MemoryManager::Create(cpu_->arch_ops(), *cpu_, options);
  FL_CHECK(memory.ok());
  memory_ = *std::move(memory);
  FL_CHECK(cpu_->AttachMemory(phys()).ok());
  context_ = cpu_->NewContext();
  cpu_->SwitchTo(&AddSpace(), context_.get());
}

TestMachine::~TestMachine() {
  for (auto& space : spaces_) {
    space->page_table().ForEach(
        {mm::GuestAddr(0), memory_->arch().layout().user_end},
        [&](const mm::EntryRef& r, const mm::Entry&) {
          space->page_table().Set(r, mm::Entry::None());
          return true;
        });
  }
}

mm::AddressSpace& TestMachine::AddSpace() {
  auto space = mm::AddressSpace::Create(*memory_);
  FL_CHECK(space.ok());
  spaces_.push_back(*std::move(space));
  return *spaces_.back();
}

mm::EntryFlags TestMachine::Flags(mm::Prot prot) const {
  mm::EntryFlags flags =
      memory_->arch().PageFlags(prot).with(mm::EntryFlag::kYoung);
  return prot.write() ? flags.with(mm::EntryFlag::kDirty) : flags;
}

mm::Pfn TestMachine::Map(uint64_t va, mm::Prot prot) {
  return Map(space(), va, prot);
}

mm::Pfn TestMachine::Map(mm::AddressSpace& space, uint64_t va, mm::Prot prot) {
  auto frame = phys().AllocateZeroed(mm::AllocPurpose::kAnon);
  FL_CHECK(frame.ok());
  MapFrame(space, va, *frame, Flags(prot));
  return *frame;
}

void TestMachine::MapFrame(mm::AddressSpace& space, uint64_t va, mm::Pfn frame,
                           mm::EntryFlags flags) {
  auto ref = space.page_table().FindOrAllocate(mm::GuestAddr(va), 0);
  FL_CHECK(ref.ok());
  space.page_table().Set(*ref, mm::Entry::Page(frame, flags));
}

mm::Entry TestMachine::EntryAt(uint64_t va) {
  const mm::EntryRef ref = space().page_table().Walk(mm::GuestAddr(va));
  return space().page_table().Get(ref);
}

void TestMachine::Unmap(uint64_t va) {
  const mm::EntryRef ref = space().page_table().Find(mm::GuestAddr(va), 0);
  FL_CHECK(bool(ref));
  space().page_table().Set(ref, mm::Entry::None());
}

void TestMachine::Flush(uint64_t va) {
  cpu_->FlushRange(space(), mm::GuestRange::At(mm::GuestAddr(va), 4096));
}

void TestMachine::Poke(uint64_t va, absl::Span<const uint8_t> bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const mm::Entry e = EntryAt(va + i);
    FL_CHECK(e.present());
    phys().Data(e.pfn())[(va + i) % 4096] = std::byte(bytes[i]);
  }
}

uint64_t TestMachine::Peek64(uint64_t va) {
  uint64_t value;
  std::memcpy(&value, phys().Data(EntryAt(va).pfn()) + va % 4096, sizeof value);
  return value;
}

uint64_t TestMachine::store_bytes() const {
  return cpu_->arch() == Arch::kX86 ? x64::kStoreRdxRdi.size() : 4;
}

TestMachine::Program TestMachine::ReturnProgram(uint8_t n) const {
  return Assemble(cpu_->arch(), {{0xba, n, 0, 0, 0}, x64::kSyscall},
                  {0xd2800002 | uint32_t{n} << 5, a64::kSvc});
}

void TestMachine::Load(const Program& program) {
  Map(kCode, mm::Prot::RX());
  Poke(kCode, program);
  Flush(kCode);
}

void TestMachine::LoadWords(absl::Span<const uint32_t> words) {
  Program bytes(words.size() * sizeof(uint32_t));
  std::memcpy(bytes.data(), words.data(), bytes.size());
  Load(bytes);
}

void TestMachine::SetPointer(uint64_t va) {
  cpu_->arch() == Arch::kX86 ? SetX86(x86::kRdi, va) : SetArm64(0, va);
}
void TestMachine::SetValue(uint64_t value) {
  cpu_->arch() == Arch::kX86 ? SetX86(x86::kRdx, value) : SetArm64(2, value);
}
void TestMachine::SetCounter(uint64_t value) {
  cpu_->arch() == Arch::kX86 ? SetX86(x86::kRcx, value) : SetArm64(1, value);
}
uint64_t TestMachine::Value() {
  return cpu_->arch() == Arch::kX86 ? X86().gpr[x86::kRdx] : Arm64().x[2];
}
uint64_t TestMachine::Counter() {
  return cpu_->arch() == Arch::kX86 ? X86().gpr[x86::kRcx] : Arm64().x[1];
}
uint64_t TestMachine::Loaded() {
  return cpu_->arch() == Arch::kX86 ? X86().gpr[x86::kRcx] : Arm64().x[3];
}

Trap TestMachine::RunAt(uint64_t pc, uint64_t max_blocks) {
  cpu_->set_pc(pc);
  return cpu_->Run(max_blocks);
}

x86::Registers TestMachine::X86() const {
  return std::get<x86::Registers>(cpu_->ReadRegisters());
}
arm64::Registers TestMachine::Arm64() const {
  return std::get<arm64::Registers>(cpu_->ReadRegisters());
}
void TestMachine::SetX86(x86::Gpr r, uint64_t value) {
  x86::Registers regs = X86();
  regs.gpr[r] = value;
  cpu_->WriteRegisters(regs);
}
void TestMachine::SetArm64(size_t x, uint64_t value) {
  arm64::Registers regs = Arm64();
  regs.x[x] = value;
  cpu_->WriteRegisters(regs);
}

}  // namespace faultline::engine
