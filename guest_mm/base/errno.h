#ifndef FAULTLINE_GUEST_MM_BASE_ERRNO_H_
#define FAULTLINE_GUEST_MM_BASE_ERRNO_H_

// What a guest sees when a call fails: Linux's error numbers (both
// architectures use include/uapi/asm-generic/errno.h) and a result that holds
// a value or one of them. Trouble of the host's is absl::Status; the two are
// never mixed, because Status merges numbers that programs tell apart.

#include <ostream>
#include <string_view>
#include <utility>
#include <variant>

#include "guest_mm/base/check.h"

namespace faultline {

// ERESTART*: include/linux/errno.h, seen only inside the kernel: the signal
// code turns them into EINTR or a restart.
enum class Errno : int {
  kOk = 0,
  kEPERM = 1,
  kENOENT = 2,
  kESRCH = 3,
  kEINTR = 4,
  kEIO = 5,
  kENXIO = 6,
  kE2BIG = 7,
  kENOEXEC = 8,
  kEBADF = 9,
  kECHILD = 10,
  kEAGAIN = 11,
  kENOMEM = 12,
  kEACCES = 13,
  kEFAULT = 14,
  kENOTBLK = 15,
  kEBUSY = 16,
  kEEXIST = 17,
  kEXDEV = 18,
  kENODEV = 19,
  kENOTDIR = 20,
  kEISDIR = 21,
  kEINVAL = 22,
  kENFILE = 23,
  kEMFILE = 24,
  kENOTTY = 25,
  kETXTBSY = 26,
  kEFBIG = 27,
  kENOSPC = 28,
  kESPIPE = 29,
  kEROFS = 30,
  kEMLINK = 31,
  kEPIPE = 32,
  kEDOM = 33,
  kERANGE = 34,
  kEDEADLK = 35,
  kENAMETOOLONG = 36,
  kENOLCK = 37,
  kENOSYS = 38,
  kENOTEMPTY = 39,
  kELOOP = 40,
  kENOMSG = 42,
  kEIDRM = 43,
  kECHRNG = 44,
  kEL2NSYNC = 45,
  kEL3HLT = 46,
  kEL3RST = 47,
  kELNRNG = 48,
  kEUNATCH = 49,
  kENOCSI = 50,
  kEL2HLT = 51,
  kEBADE = 52,
  kEBADR = 53,
  kEXFULL = 54,
  kENOANO = 55,
  kEBADRQC = 56,
  kEBADSLT = 57,
  kEBFONT = 59,
  kENOSTR = 60,
  kENODATA = 61,
  kETIME = 62,
  kENOSR = 63,
  kENONET = 64,
  kENOPKG = 65,
  kEREMOTE = 66,
  kENOLINK = 67,
  kEADV = 68,
  kESRMNT = 69,
  kECOMM = 70,
  kEPROTO = 71,
  kEMULTIHOP = 72,
  kEDOTDOT = 73,
  kEBADMSG = 74,
  kEOVERFLOW = 75,
  kENOTUNIQ = 76,
  kEBADFD = 77,
  kEREMCHG = 78,
  kELIBACC = 79,
  kELIBBAD = 80,
  kELIBSCN = 81,
  kELIBMAX = 82,
  kELIBEXEC = 83,
  kEILSEQ = 84,
  kERESTART = 85,
  kESTRPIPE = 86,
  kEUSERS = 87,
  kENOTSOCK = 88,
  kEDESTADDRREQ = 89,
  kEMSGSIZE = 90,
  kEPROTOTYPE = 91,
  kENOPROTOOPT = 92,
  kEPROTONOSUPPORT = 93,
  kESOCKTNOSUPPORT = 94,
  kEOPNOTSUPP = 95,
  kEPFNOSUPPORT = 96,
  kEAFNOSUPPORT = 97,
  kEADDRINUSE = 98,
  kEADDRNOTAVAIL = 99,
  kENETDOWN = 100,
  kENETUNREACH = 101,
  kENETRESET = 102,
  kECONNABORTED = 103,
  kECONNRESET = 104,
  kENOBUFS = 105,
  kEISCONN = 106,
  kENOTCONN = 107,
  kESHUTDOWN = 108,
  kETOOMANYREFS = 109,
  kETIMEDOUT = 110,
  kECONNREFUSED = 111,
  kEHOSTDOWN = 112,
  kEHOSTUNREACH = 113,
  kEALREADY = 114,
  kEINPROGRESS = 115,
  kESTALE = 116,
  kEUCLEAN = 117,
  kENOTNAM = 118,
  kENAVAIL = 119,
  kEISNAM = 120,
  kEREMOTEIO = 121,
  kEDQUOT = 122,
  kENOMEDIUM = 123,
  kEMEDIUMTYPE = 124,
  kECANCELED = 125,
  kENOKEY = 126,
  kEKEYEXPIRED = 127,
  kEKEYREVOKED = 128,
  kEKEYREJECTED = 129,
  kEOWNERDEAD = 130,
  kENOTRECOVERABLE = 131,
  kERFKILL = 132,
  kEHWPOISON = 133,
  kERESTARTSYS = 512,
  kERESTARTNOINTR = 513,
  kERESTARTNOHAND = 514,
  kERESTART_RESTARTBLOCK = 516,
};

// "EINVAL", or "E?" for a number Linux does not use.
std::string_view ErrnoName(Errno e);

inline std::ostream& operator<<(std::ostream& os, Errno e) {
  return os << ErrnoName(e);
}

// A value, or the error number a guest will see. Never holds kOk as an error.
template <typename T>
class [[nodiscard]] ErrnoOr {
 public:
  ErrnoOr(Errno e) : v_(std::in_place_index<1>, e) {  // NOLINT: implicit
    FL_DCHECK(e != Errno::kOk);
  }
  ErrnoOr(T value)  // NOLINT: implicit
      : v_(std::in_place_index<0>, std::move(value)) {}

  bool ok() const { return v_.index() == 0; }
  Errno error() const { return ok() ? Errno::kOk : std::get<1>(v_); }
  T& value() & {
    FL_DCHECK(ok());
    return *std::get_if<0>(&v_);
  }
  const T& value() const& {
    FL_DCHECK(ok());
    return *std::get_if<0>(&v_);
  }
  T&& value() && {
    FL_DCHECK(ok());
    return std::move(*std::get_if<0>(&v_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Errno> v_;
};

// Success without a value: ErrnoOr<Done>, returned as kDone.
struct Done {
  friend constexpr bool operator==(Done, Done) = default;
};
inline constexpr Done kDone{};

}  // namespace faultline

// FL_TRY(expr): leaves the function with the error if `expr` failed.
#define FL_TRY(expr)                \
  do {                              \
    auto fl_try_result = (expr);    \
    if (!fl_try_result.ok()) {      \
      return fl_try_result.error(); \
    }                               \
  } while (false)

// FL_ASSIGN(lhs, expr): the same, else lhs = the value.
#define FL_ASSIGN(lhs, expr) \
  FL_ASSIGN_IMPL_(FL_CONCAT_(fl_result_, __LINE__), lhs, expr)
#define FL_CONCAT_INNER_(a, b) a##b
#define FL_CONCAT_(a, b) FL_CONCAT_INNER_(a, b)
#define FL_ASSIGN_IMPL_(tmp, lhs, expr) \
  auto tmp = (expr);                    \
  if (!tmp.ok()) {                      \
    return tmp.error();                 \
  }                                     \
  lhs = std::move(tmp).value()

#endif  // FAULTLINE_GUEST_MM_BASE_ERRNO_H_
