#include "guest_mm/pgtable/entry.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::mm {
namespace {

struct FlagLetter {
  EntryFlag flag;
  char letter;
};
// Rights in small letters, what happened to the page in capitals.
constexpr FlagLetter kLetters[] = {
    {EntryFlag::kUser, 'u'},    {EntryFlag::kWrite, 'w'},
    {EntryFlag::kExec, 'x'},    {EntryFlag::kProtNone, 'n'},
    {EntryFlag::kSpecial, 's'}, {EntryFlag::kExclusive, 'e'},
    {EntryFlag::kMte, 'm'},     {EntryFlag::kYoung, 'A'},
    {EntryFlag::kDirty, 'D'},   {EntryFlag::kSoftDirty, 'S'},
    {EntryFlag::kUffdWp, 'W'},
};

std::string Letters(EntryFlags flags) {
  std::string out;
  for (const FlagLetter& l : kLetters) {
    if (flags.has(l.flag)) {
      out += l.letter;
    }
  }
  return out.empty() ? out : " " + out;
}

}  // namespace

std::string ToString(const Entry& e) {
  switch (e.kind) {
    case EntryKind::kNone:
      return "none";
    case EntryKind::kTable:
      return "table " + ToString(e.pfn());
    case EntryKind::kPage:
      return absl::StrCat("page ", ToString(e.pfn()), Letters(e.flags));
    case EntryKind::kSwap:
      return absl::StrFormat("swap slot:%d%s", e.payload, Letters(e.flags));
    case EntryKind::kMigration:
      return absl::StrCat("migration ", ToString(e.pfn()), Letters(e.flags));
    case EntryKind::kHwPoison:
      return "hwpoison " + ToString(e.pfn());
    case EntryKind::kMarker:
      return absl::StrFormat("marker %#x%s", e.payload, Letters(e.flags));
  }
  return "?";
}

}  // namespace faultline::mm
