#include "tests/bench/plugin_case.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace faultline::bench {
namespace {

constexpr double kCountingAgainstQemu = 2.0;
constexpr int kRounds = 10'000'000;

struct Machine {
  const char* program;
  const char* options;
  uint64_t arguments;  // where it finds them
  int status;          // of a good end
};
// The PC's way to end a run has a status of its own.
constexpr Machine kX86 = {"/usr/bin/qemu-system-x86_64",
                          "-M pc,accel=tcg -device "
                          "isa-debug-exit,iobase=0xf4,iosize=4 -bios",
                          0x7000, 99};
constexpr Machine kArm64 = {"/usr/bin/qemu-system-aarch64", "-M virt -kernel",
                            0x40800000, 0};

Contestant Here(const std::string& tree, const std::string& arch, int kind,
                const std::string& name, const Command& options) {
  const auto command = [&](int rounds) {
    Command c = {tree + "/faultline", "run"};
    c.insert(c.end(), options.begin(), options.end());
    c.insert(c.end(), {absl::StrCat(tree, "/guests/", arch, "/api/loop"),
                       absl::StrCat(kind), absl::StrCat(rounds)});
    return c;
  };
  return {name, command(kRounds), command(1), double(kRounds)};
}

Contestant Qemu(const std::string& tree, const std::string& arch, int kind,
                const std::string& name, const std::string& options) {
  const Machine& m = arch == "x86_64" ? kX86 : kArm64;
  const auto command = [&](int rounds) {
    return Command{
        "/bin/sh", "-c",
        absl::StrCat(m.program, " -cpu max -m 64 -nodefaults -display none ",
                     m.options, " ", tree, "/guests/", arch,
                     "/api/bare -device loader,data-len=8,addr=", m.arguments,
                     ",data=", kind,
                     " -device loader,data-len=8,addr=", m.arguments + 8,
                     ",data=", rounds, options, "; [ $? = ", m.status, " ]")};
  };
  return {name, command(kRounds), command(1), double(kRounds)};
}

}  // namespace

void AddPlugins(const std::string& tree, const std::string& arch,
                std::vector<Group>& groups) {
  const Machine& m = arch == "x86_64" ? kX86 : kArm64;
  if (access(m.program, X_OK) != 0) {
    return;
  }
  struct Kind {
    int number;  // as the loop has it
    const char* what;
  };
  for (const Kind& kind :
       {Kind{1, "10 instructions in 3 blocks"}, Kind{4, "15 in 10"}}) {
    const std::string plugin = tree + "/test_plugins/insns.so";
    const int k = kind.number;
    groups.push_back(
        {"Plug-ins",
         absl::StrCat("counting instructions, ", kind.what, ", ", arch),
         Group::Kind::kAgainst,
         Here(tree, arch, k, "faultline", {"--plugin", plugin}),
         {{Here(tree, arch, k, "without the plug-in", {}), std::nullopt},
          {Qemu(tree, arch, k, "QEMU",
                absl::StrCat(" -d plugin -plugin ", plugin)),
           kCountingAgainstQemu},
          {Qemu(tree, arch, k, "QEMU without it", ""), std::nullopt}}});
  }
}

}  // namespace faultline::bench
