#include "plugin/gdb/register_set.h"

#include "absl/strings/str_cat.h"

namespace faultline::gdb {
namespace {

using engine::Arch;

struct Described {
  std::string name;
  unsigned bits = 64;
  std::string type = "int";
};
struct Feature {
  std::string name;
  std::string types;  // XML that defines some
  std::vector<Described> registers;
};

std::string Flags(const std::string& id, unsigned bytes,
                  const std::vector<std::pair<std::string, int>>& bits) {
  std::string xml =
      absl::StrCat("<flags id=\"", id, "\" size=\"", bytes, "\">\n");
  for (const auto& [name, bit] : bits) {
    absl::StrAppend(&xml, "<field name=\"", name, "\" start=\"", bit,
                    "\" end=\"", bit, "\"/>\n");
  }
  return xml + "</flags>\n";
}

// A register of 128 bits, as all that it may hold.
std::string Vector128(const std::string& id) {
  constexpr struct {
    const char *field, *type;
    unsigned count;
  } kViews[] = {{"v2_double", "ieee_double", 2}, {"v4_float", "ieee_single", 4},
                {"v16_int8", "int8", 16},        {"v8_int16", "int16", 8},
                {"v4_int32", "int32", 4},        {"v2_int64", "int64", 2}};
  std::string xml, fields;
  for (const auto& v : kViews) {
    absl::StrAppend(&xml, "<vector id=\"", v.field, "_t\" type=\"", v.type,
                    "\" count=\"", v.count, "\"/>\n");
    absl::StrAppend(&fields, "<field name=\"", v.field, "\" type=\"", v.field,
                    "_t\"/>\n");
  }
  return absl::StrCat(xml, "<union id=\"", id, "\">\n", fields,
                      "<field name=\"uint128\" type=\"uint128\"/>\n",
                      "</union>\n");
}

std::vector<Feature> FeaturesOfX86() {
  Feature core{"org.gnu.gdb.i386.core",
               Flags("eflags_t", 4,
                     {{"CF", 0},
                      {"PF", 2},
                      {"AF", 4},
                      {"ZF", 6},
                      {"SF", 7},
                      {"TF", 8},
                      {"IF", 9},
                      {"DF", 10},
                      {"OF", 11},
                      {"AC", 18},
                      {"ID", 21}}),
               {}};
  for (const char* name : {"rax", "rbx", "rcx", "rdx", "rsi", "rdi"}) {
    core.registers.push_back({name, 64, "int64"});
  }
  core.registers.push_back({"rbp", 64, "data_ptr"});
  core.registers.push_back({"rsp", 64, "data_ptr"});
  for (int i = 8; i < 16; ++i) {
    core.registers.push_back({absl::StrCat("r", i), 64, "int64"});
  }
  core.registers.push_back({"rip", 64, "code_ptr"});
  core.registers.push_back({"eflags", 32, "eflags_t"});
  for (const char* name : {"cs", "ss", "ds", "es", "fs", "gs"}) {
    core.registers.push_back({name, 32, "int32"});
  }
  for (int i = 0; i < 8; ++i) {
    core.registers.push_back({absl::StrCat("st", i), 80, "i387_ext"});
  }
  for (const char* name :
       {"fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop"}) {
    core.registers.push_back({name, 32, "int"});
  }
  Feature sse{"org.gnu.gdb.i386.sse", Vector128("xmm_t"), {}};
  for (int i = 0; i < 16; ++i) {
    sse.registers.push_back({absl::StrCat("xmm", i), 128, "xmm_t"});
  }
  sse.registers.push_back({"mxcsr", 32, "int"});
  return {core,
          sse,
          {"org.gnu.gdb.i386.linux", "", {{"orig_rax", 64, "int"}}},
          {"org.gnu.gdb.i386.segments",
           "",
           {{"fs_base", 64, "int"}, {"gs_base", 64, "int"}}}};
}

std::vector<Feature> FeaturesOfArm64() {
  Feature core{"org.gnu.gdb.aarch64.core",
               Flags("cpsr_t", 4,
                     {{"SS", 21},
                      {"TCO", 25},
                      {"V", 28},
                      {"C", 29},
                      {"Z", 30},
                      {"N", 31}}),
               {}};
  for (int i = 0; i < 31; ++i) {
    core.registers.push_back({absl::StrCat("x", i), 64, "int"});
  }
  core.registers.push_back({"sp", 64, "data_ptr"});
  core.registers.push_back({"pc", 64, "code_ptr"});
  core.registers.push_back({"cpsr", 32, "cpsr_t"});
  Feature fpu{"org.gnu.gdb.aarch64.fpu", Vector128("v_t"), {}};
  for (int i = 0; i < 32; ++i) {
    fpu.registers.push_back({absl::StrCat("v", i), 128, "v_t"});
  }
  fpu.registers.push_back({"fpsr", 32, "int"});
  fpu.registers.push_back({"fpcr", 32, "int"});
  return {core,
          fpu,
          {"org.gnu.gdb.aarch64.tls", "", {{"tpidr", 64, "data_ptr"}}},
          {"org.gnu.gdb.aarch64.mte", "", {{"tag_ctl", 64, "uint64"}}}};
}

std::vector<Feature> FeaturesOf(Arch arch) {
  return arch == Arch::kX86 ? FeaturesOfX86() : FeaturesOfArm64();
}

std::vector<RegisterSlot> SlotsOf(Arch arch) {
  std::vector<RegisterSlot> slots;
  size_t offset = 0;
  for (const Feature& feature : FeaturesOf(arch)) {
    for (const Described& r : feature.registers) {
      slots.push_back({offset, r.bits / 8});
      offset += r.bits / 8;
    }
  }
  return slots;
}

}  // namespace

const std::vector<RegisterSlot>& RegisterSlots(Arch arch) {
  static const std::vector<RegisterSlot> x86 = SlotsOf(Arch::kX86);
  static const std::vector<RegisterSlot> arm64 = SlotsOf(Arch::kArm64);
  return arch == Arch::kX86 ? x86 : arm64;
}

std::string TargetDescription(Arch arch) {
  std::string xml = absl::StrCat(
      "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM "
      "\"gdb-target.dtd\">\n<target version=\"1.0\">\n<architecture>",
      arch == Arch::kX86 ? "i386:x86-64" : "aarch64",
      "</architecture>\n<osabi>GNU/Linux</osabi>\n");
  for (const Feature& feature : FeaturesOf(arch)) {
    absl::StrAppend(&xml, "<feature name=\"", feature.name, "\">\n",
                    feature.types);
    for (const Described& r : feature.registers) {
      absl::StrAppend(&xml, "<reg name=\"", r.name, "\" bitsize=\"", r.bits,
                      "\" type=\"", r.type, "\"/>\n");
    }
    absl::StrAppend(&xml, "</feature>\n");
  }
  return xml + "</target>\n";
}

}  // namespace faultline::gdb
