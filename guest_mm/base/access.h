#ifndef FAULTLINE_GUEST_MM_BASE_ACCESS_H_
#define FAULTLINE_GUEST_MM_BASE_ACCESS_H_

// What an access wants and what a mapping grants: r, w, x as one small set.

#include <cstdint>
#include <ostream>
#include <string>

namespace faultline::mm {

// One access by a CPU or by kernel code on its behalf.
enum class Access : uint8_t { kRead, kWrite, kExec };

// The privilege at which an access is made.
enum class Mode : uint8_t { kUser, kKernel };

// A set of rights (PROT_READ|PROT_WRITE|PROT_EXEC have the same bits).
class Prot {
 public:
  constexpr Prot() = default;
  explicit constexpr Prot(unsigned bits) : bits_(uint8_t(bits & 7u)) {}
  static constexpr Prot None() { return Prot(0); }
  static constexpr Prot R() { return Prot(1); }
  static constexpr Prot W() { return Prot(2); }
  static constexpr Prot X() { return Prot(4); }
  static constexpr Prot RW() { return Prot(3); }
  static constexpr Prot RX() { return Prot(5); }
  static constexpr Prot RWX() { return Prot(7); }

  constexpr unsigned bits() const { return bits_; }
  constexpr bool read() const { return (bits_ & 1u) != 0; }
  constexpr bool write() const { return (bits_ & 2u) != 0; }
  constexpr bool exec() const { return (bits_ & 4u) != 0; }
  constexpr bool none() const { return bits_ == 0; }
  constexpr bool Allows(Access a) const {
    switch (a) {
      case Access::kRead:
        return read();
      case Access::kWrite:
        return write();
      case Access::kExec:
        return exec();
    }
    return false;
  }
  friend constexpr Prot operator|(Prot a, Prot b) {
    return Prot(unsigned{a.bits_} | b.bits_);
  }
  friend constexpr Prot operator&(Prot a, Prot b) {
    return Prot(unsigned{a.bits_} & b.bits_);
  }
  friend constexpr bool operator==(Prot, Prot) = default;

 private:
  uint8_t bits_ = 0;
};

inline std::string ToString(Prot p) {
  return {p.read() ? 'r' : '-', p.write() ? 'w' : '-', p.exec() ? 'x' : '-'};
}
constexpr const char* ToString(Access a) {
  return a == Access::kRead ? "read" : a == Access::kWrite ? "write" : "exec";
}
constexpr const char* ToString(Mode m) {
  return m == Mode::kUser ? "user" : "kernel";
}
inline std::ostream& operator<<(std::ostream& os, Prot p) {
  return os << ToString(p);
}
inline std::ostream& operator<<(std::ostream& os, Access a) {
  return os << ToString(a);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_BASE_ACCESS_H_
