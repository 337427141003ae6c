#include "tests/plugin/linux/syscall/call_program.h"

#include <array>
#include <cstdint>
#include <vector>

#include "plugin/linux/syscall/syscall_table.h"
#include "tests/plugin/linux/loader/elf_bytes.h"

namespace faultline::os {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kCode = 0x400000;
constexpr uint64_t kCalls = 0x500000;
constexpr uint64_t kBuffer = 0x600000;
constexpr uint64_t kBufferBytes = 4 * kPage;
constexpr size_t kMaxCalls = 24;

// Goes through the records at kCalls, eight words each, until a number of -1.
constexpr unsigned char kX86Loop[] = {
    0xbb, 0x00, 0x00, 0x50, 0x00,  //   mov  $0x500000,%ebx
    0x48, 0x8b, 0x03,              // 1:mov  (%rbx),%rax
    0x48, 0x83, 0xf8, 0xff,        //   cmp  $-1,%rax
    0x74, 0x20,                    //   je   2f
    0x48, 0x8b, 0x7b, 0x08,        //   mov  8(%rbx),%rdi
    0x48, 0x8b, 0x73, 0x10,        //   mov  16(%rbx),%rsi
    0x48, 0x8b, 0x53, 0x18,        //   mov  24(%rbx),%rdx
    0x4c, 0x8b, 0x53, 0x20,        //   mov  32(%rbx),%r10
    0x4c, 0x8b, 0x43, 0x28,        //   mov  40(%rbx),%r8
    0x4c, 0x8b, 0x4b, 0x30,        //   mov  48(%rbx),%r9
    0x0f, 0x05,                    //   syscall
    0x48, 0x83, 0xc3, 0x40,        //   add  $64,%rbx
    0xeb, 0xd7,                    //   jmp  1b
    0xb8, 0xe7, 0x00, 0x00, 0x00,  // 2:mov  $231,%eax
    0x31, 0xff,                    //   xor  %edi,%edi
    0x0f, 0x05,                    //   syscall
};
constexpr uint32_t kArm64Loop[] = {
    0xd2a00a13,  //   movz x19, #0x50, lsl #16
    0xf9400268,  // 1:ldr  x8, [x19]
    0xb100051f,  //   cmn  x8, #1
    0x540000e0,  //   b.eq 2f
    0xa9408660,  //   ldp  x0, x1, [x19, #8]
    0xa9418e62,  //   ldp  x2, x3, [x19, #24]
    0xa9428664,  //   ldp  x4, x5, [x19, #40]
    0xd4000001,  //   svc  #0
    0x91010273,  //   add  x19, x19, #64
    0x17fffff8,  //   b    1b
    0xd2800bc8,  // 2:mov  x8, #94
    0xd2800000,  //   mov  x0, #0
    0xd4000001,  //   svc  #0
};

// Takes bytes off the front; zeros when there are none left.
class Bytes {
 public:
  explicit Bytes(absl::string_view bytes) : bytes_(bytes) {}
  uint64_t Take(int n) {
    uint64_t value = 0;
    for (int i = 0; i < n && !bytes_.empty(); i++) {
      value |= uint64_t{static_cast<uint8_t>(bytes_.front())} << (8 * i);
      bytes_.remove_prefix(1);
    }
    return value;
  }
  absl::string_view rest() const { return bytes_; }

 private:
  absl::string_view bytes_;
};

uint64_t Number(const SyscallTable& table, Bytes& bytes) {
  const uint64_t n = bytes.Take(2);
  if (n >= 0xff00) {
    return bytes.Take(8);
  }
  uint64_t number = n % table.size();
  while (table.Find(number) == nullptr) {
    number = (number + 1) % table.size();
  }
  return number;
}

uint64_t Argument(Bytes& bytes) {
  const uint64_t how = bytes.Take(1);
  switch (how % 8) {
    case 0:
      return bytes.Take(1);
    case 1:
      return kBuffer + 16 * bytes.Take(1);
    case 2:
      return kBuffer + kPage * (bytes.Take(1) % 8);
    case 3:
      return kBuffer + kPage - (bytes.Take(1) % 64);
    case 4:
      return uint64_t{1} << (bytes.Take(1) % 64);
    case 5:
      return bytes.Take(4);
    case 6:
      return bytes.Take(8);
    default:
      return ~bytes.Take(1);
  }
}

template <typename T, size_t kSize>
std::string AsBytes(const T (&array)[kSize]) {
  return {reinterpret_cast<const char*>(array), sizeof array};
}

// Names that calls may find at the start of the buffer, 16 bytes each.
std::string Buffer(absl::string_view rest) {
  std::string buffer;
  for (const char* name : {"/program", "/tmp", "/tmp/file", "/proc/self/maps",
                           "/dev/zero", "name", "/proc/self/fd", "."}) {
    buffer += name;
    buffer.resize((buffer.size() + 16) / 16 * 16);
  }
  buffer.append(rest.data(), rest.size());
  buffer.resize(kBufferBytes);
  return buffer;
}

}  // namespace

std::string CallProgram(engine::Arch arch, absl::string_view input) {
  const SyscallTable& table = SyscallTable::Of(arch);
  Bytes bytes(input);
  std::vector<uint64_t> calls;
  const size_t count = bytes.Take(1) % (kMaxCalls + 1);
  for (size_t i = 0; i < count; i++) {
    calls.push_back(Number(table, bytes));
    for (int j = 0; j < 6; j++) {
      calls.push_back(Argument(bytes));
    }
    calls.push_back(0);
  }
  calls.push_back(~uint64_t{0});
  const bool x86 = arch == engine::Arch::kX86;
  std::string code = x86 ? AsBytes(kX86Loop) : AsBytes(kArm64Loop);
  std::string table_bytes(reinterpret_cast<const char*>(calls.data()),
                          calls.size() * sizeof calls[0]);
  code.resize(kPage);
  table_bytes.resize(kPage);
  std::string file(kPage, '\0');
  const std::string headers =
      ElfFile(x86 ? EM_X86_64 : EM_AARCH64, kCode,
              {LoadSegment(PF_R | PF_X, kPage, kCode, kPage, kPage),
               LoadSegment(PF_R | PF_W, 2 * kPage, kCalls, kPage, kPage),
               LoadSegment(PF_R | PF_W, 3 * kPage, kBuffer, kBufferBytes,
                           kBufferBytes)});
  file.replace(0, headers.size(), headers);
  return file + code + table_bytes + Buffer(bytes.rest());
}

}  // namespace faultline::os
