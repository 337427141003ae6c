// "File-I/O Host I/O packets": files of the guest's, to read. gdb looks at the
// program itself and at /proc/PID/maps and smaps this way.

#include <algorithm>

#include "absl/strings/str_format.h"
#include "plugin/gdb/hex.h"
#include "plugin/gdb/packet.h"
#include "plugin/gdb/server.h"

namespace faultline::gdb {
namespace {

// In the protocol's own numbering, which is close to Linux's.
constexpr char kNoEntry[] = "F-1,2";
constexpr char kBadFile[] = "F-1,9";
constexpr char kInvalid[] = "F-1,16";
constexpr char kTooMany[] = "F-1,18";
constexpr size_t kMostFiles = 16;

}  // namespace

std::string Server::HostIo(std::string_view packet) {
  const std::string_view operation = TakeUntil(&packet, ":");
  if (operation == "setfs") {
    return "F0";
  }
  if (operation == "open") {
    const auto path = FromHex(TakeUntil(&packet, ","));
    const auto flags = ParseNumber(TakeUntil(&packet, ","));
    if (!path.has_value() || !flags.has_value() || *flags != 0) {
      return kInvalid;  // to read is all
    }
    auto bytes = target_.File(*path);
    if (!bytes.has_value()) {
      return kNoEntry;
    }
    std::vector<std::string>& files = session_.files;
    const auto unused = std::ranges::find(files, "");
    const auto fd = uint64_t(unused - files.begin());
    if (fd == kMostFiles) {
      return kTooMany;
    }
    if (unused == files.end()) {
      files.emplace_back();
    }
    files[fd] = *path;
    contents_[fd] = *std::move(bytes);
    return absl::StrFormat("F%x", fd);
  }
  if (operation != "pread" && operation != "close") {
    return "";
  }
  const auto fd = ParseNumber(TakeUntil(&packet, ","));
  if (!fd.has_value() || *fd >= session_.files.size() ||
      session_.files[*fd].empty()) {
    return kBadFile;
  }
  if (operation == "close") {
    session_.files[*fd].clear();
    contents_.erase(*fd);
    return "F0";
  }
  const auto count = ParseNumber(TakeUntil(&packet, ","));
  const auto offset = ParseNumber(packet);
  if (!count.has_value() || !offset.has_value()) {
    return kInvalid;
  }
  // gdb has been back in time since it opened the file.
  if (!contents_.contains(*fd)) {
    contents_[*fd] = target_.File(session_.files[*fd]).value_or("");
  }
  // Escaping may double it.
  constexpr uint64_t kMost = kMaxPacket / 2 - 32;
  const std::string_view all(contents_[*fd]);
  const std::string_view piece =
      *offset >= all.size()
          ? std::string_view()
          : all.substr(*offset, std::min<uint64_t>(*count, kMost));
  return absl::StrFormat("F%x;%s", piece.size(), piece);
}

}  // namespace faultline::gdb
