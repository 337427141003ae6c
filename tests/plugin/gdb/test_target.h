#ifndef FAULTLINE_TESTS_PLUGIN_GDB_TEST_TARGET_H_
#define FAULTLINE_TESTS_PLUGIN_GDB_TEST_TARGET_H_

// A machine of one page and two threads that remembers what was done to it.

#include <algorithm>
#include <string>
#include <vector>

#include "plugin/gdb/register_set.h"
#include "plugin/gdb/target.h"

namespace faultline::gdb {

class TestTarget : public Target {
 public:
  static constexpr uint64_t kStart = 0x1000;

  engine::Arch arch() const override { return engine::Arch::kArm64; }
  std::vector<ThreadId> Threads() override { return {{100, 100}, {100, 101}}; }
  std::string ThreadName(ThreadId) override { return "a<b"; }
  std::optional<std::string> Registers(ThreadId thread) override {
    return thread.pid == 100 ? std::optional(PackRegisters(regs, {}))
                             : std::nullopt;
  }
  bool SetRegisters(ThreadId, std::string_view bytes) override {
    engine::RegisterFile file = regs;
    const bool done = UnpackRegisters(bytes, &file);
    regs = std::get<arm64::Registers>(file);
    return done;
  }
  std::string Memory(int64_t, uint64_t address, uint64_t bytes) override {
    return Holds(address) ? memory.substr(address - kStart, bytes) : "";
  }
  bool SetMemory(int64_t, uint64_t address, std::string_view bytes) override {
    if (!Holds(address) || !Holds(address + bytes.size() - 1)) {
      return false;
    }
    memory.replace(address - kStart, bytes.size(), bytes);
    return true;
  }
  std::optional<std::string> Tags(int64_t, uint64_t address,
                                  uint64_t bytes) override {
    return Holds(address) ? std::optional(std::string((bytes + 15) / 16, '\5'))
                          : std::nullopt;
  }
  bool SetTags(int64_t, uint64_t address, std::string_view given) override {
    tags = std::string(given);
    return Holds(address);
  }
  std::optional<std::string> Auxv(int64_t) override { return "auxv"; }
  std::string ExecFile(int64_t) override { return "/program"; }
  std::optional<std::string> Siginfo() override { return siginfo; }
  bool SetSiginfo(std::string_view bytes) override {
    siginfo = std::string(bytes);
    return true;
  }
  std::optional<std::string> File(const std::string& path) override {
    return path == "/file" ? std::optional(std::string("contents"))
                           : std::nullopt;
  }
  bool SetPoints() override { return true; }
  void Detach(int64_t pid) override { detached = pid; }
  std::string Monitor(const std::string& command) override {
    return "did " + command;
  }

  arm64::Registers regs;
  std::string memory = std::string(4096, 'm');
  std::string tags, siginfo = std::string(128, 's');
  int64_t detached = 0;

 private:
  static bool Holds(uint64_t address) {
    return address >= kStart && address < kStart + 4096;
  }
};

}  // namespace faultline::gdb

#endif  // FAULTLINE_TESTS_PLUGIN_GDB_TEST_TARGET_H_
