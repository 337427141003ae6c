#ifndef FAULTLINE_TESTS_PLUGIN_ENGINE_TEST_INSNS_H_
#define FAULTLINE_TESTS_PLUGIN_ENGINE_TEST_INSNS_H_

// Instructions by name, for tests that run a few of them.

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace faultline::engine {

namespace a64 {
inline constexpr uint32_t kStrX2X0 = 0xf9000002;    // str x2, [x0]
inline constexpr uint32_t kStrX2X1 = 0xf9000022;    // str x2, [x1]
inline constexpr uint32_t kLdrX3X0 = 0xf9400003;    // ldr x3, [x0]
inline constexpr uint32_t kLdxrX1X0 = 0xc85f7c01;   // ldxr x1, [x0]
inline constexpr uint32_t kStpX2X3X0 = 0xa9000c02;  // stp x2, x3, [x0]
inline constexpr uint32_t kMovX0One = 0xd2800020;   // mov x0, #1
inline constexpr uint32_t kMovX0Two = 0xd2800040;   // mov x0, #2
inline constexpr uint32_t kAddX0One = 0x91000400;   // add x0, x0, #1
inline constexpr uint32_t kSubsX1One = 0xf1000421;  // subs x1, x1, #1
inline constexpr uint32_t kBneBack1 = 0x54ffffe1;   // b.ne .-4
inline constexpr uint32_t kBneBack2 = 0x54ffffc1;   // b.ne .-8
inline constexpr uint32_t kBrX0 = 0xd61f0000;
inline constexpr uint32_t kRet = 0xd65f03c0;
inline constexpr uint32_t kNop = 0xd503201f;
inline constexpr uint32_t kSvc = 0xd4000001;
inline constexpr uint32_t kBrk7 = 0xd42000e0;
inline constexpr uint32_t kHlt1 = 0xd4400020;
inline constexpr uint32_t kUdf = 0;
inline constexpr uint32_t kWfi = 0xd503207f;
inline constexpr uint32_t kFmovD0X0 = 0x9e670000;  // fmov d0, x0
inline constexpr uint32_t kMrsX1Midr = 0xd5380001;
inline constexpr uint32_t kMrsX1Isar0 = 0xd5380601;
inline constexpr uint32_t kMrsX1Rndr = 0xd53b2401;
inline constexpr uint32_t kMrsX1Cntvct = 0xd53be041;
inline constexpr uint32_t kMrsX1Pmccntr = 0xd53b9d01;
inline constexpr uint32_t kMrsX1Ctr = 0xd53b0021;
inline constexpr uint32_t kMrsX1Dczid = 0xd53b00e1;
inline constexpr uint32_t kMrsX1Tpidr = 0xd53bd041;
inline constexpr uint32_t kMsrTpidrX1 = 0xd51bd041;
inline constexpr uint32_t kMsrSctlrX0 = 0xd5181000;
inline constexpr uint32_t kMsrDaifset = 0xd50342df;
inline constexpr uint32_t kMsrElrX10 = 0xd518402a;
inline constexpr uint32_t kMsrSpsrX11 = 0xd518400b;
inline constexpr uint32_t kEret = 0xd69f03e0;
inline constexpr uint32_t kDcZvaX0 = 0xd50b7420;
inline constexpr uint32_t kDcCvauX0 = 0xd50b7b20;
inline constexpr uint32_t kIcIvauX0 = 0xd50b7520;
inline constexpr uint32_t kTlbiX0 = 0xd5088360;  // tlbi vaae1is, x0
inline constexpr uint32_t kDsbIsh = 0xd5033b9f;
inline constexpr uint32_t kIsb = 0xd5033fdf;

struct NamedInsn {
  const char* name;
  uint32_t word;
};
// Every memory-tagging instruction (FEAT_MTE, FEAT_MTE2).
inline constexpr NamedInsn kMte[] = {
    {"irg", 0x9adf1020},  {"addg", 0x91810804}, {"subg", 0xd1810804},
    {"gmi", 0x9ac11404},  {"subp", 0x9ac10004}, {"stg", 0xd9200800},
    {"st2g", 0xd9a00800}, {"stzg", 0xd9600800}, {"stz2g", 0xd9e00800},
    {"stgp", 0x69000400}, {"ldg", 0xd9600001},  {"ldgm", 0xd9e00001},
    {"stgm", 0xd9a00001}};
}  // namespace a64

namespace x64 {
using Bytes = std::vector<uint8_t>;
inline const Bytes kStoreRdxRdi = {0x48, 0x89, 0x17};  // mov %rdx, (%rdi)
inline const Bytes kLoadRcxRdi = {0x48, 0x8b, 0x0f};   // mov (%rdi), %rcx
inline const Bytes kAddRdxRdi = {0x48, 0x01, 0x17};    // add %rdx, (%rdi)
inline const Bytes kRepMovsb = {0xf3, 0xa4};
inline const Bytes kIncRax = {0x48, 0xff, 0xc0};
inline const Bytes kDecRcxLoop = {0x48, 0xff, 0xc9, 0x75, 0xfb};  // to itself
inline const Bytes kSyscall = {0x0f, 0x05};
inline const Bytes kHlt = {0xf4};
inline const Bytes kCli = {0xfa};
inline const Bytes kMovFromCr3 = {0x0f, 0x20, 0xd8};
inline const Bytes kInvlpgRdi = {0x0f, 0x01, 0x3f};
inline const Bytes kIn = {0xec};
inline const Bytes kInEaxImm = {0xe5, 0x80};
inline const Bytes kOut = {0xee};
inline const Bytes kOutsb = {0x6e};
inline const Bytes kRepOutsb = {0xf3, 0x6e};
inline const Bytes kUd2 = {0x0f, 0x0b};
inline const Bytes kInt3 = {0xcc};
inline const Bytes kInt80 = {0xcd, 0x80};
inline const Bytes kInt13 = {0xcd, 0x0d};
inline const Bytes kDivEcx = {0xf7, 0xf1};
inline const Bytes kIretq = {0x48, 0xcf};
inline const Bytes kRdtsc = {0x0f, 0x31};
inline const Bytes kRdtscp = {0x0f, 0x01, 0xf9};
inline const Bytes kRdrandRax = {0x48, 0x0f, 0xc7, 0xf0};
inline const Bytes kRdseedRax = {0x48, 0x0f, 0xc7, 0xf8};
inline const Bytes kCpuid = {0x0f, 0xa2};
inline const Bytes kPause = {0xf3, 0x90};

// mov $n, %eax; syscall
inline Bytes ReturnNumber(uint8_t n) { return {0xb8, n, 0, 0, 0, 0x0f, 0x05}; }
inline Bytes Cat(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& p : parts) {
    all.insert(all.end(), p.begin(), p.end());
  }
  return all;
}
}  // namespace x64

}  // namespace faultline::engine

#endif  // FAULTLINE_TESTS_PLUGIN_ENGINE_TEST_INSNS_H_
