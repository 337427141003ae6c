#ifndef FAULTLINE_PLUGIN_REPORT_PAGE_STATE_H_
#define FAULTLINE_PLUGIN_REPORT_PAGE_STATE_H_

// PageState: what a page-table entry makes of its page, as a colour.

#include <cstdint>
#include <string_view>

namespace faultline::report {

// The page's scripts have the same list (assets/states.js).
enum class PageState : uint8_t {
  kAbsent,
  kZero,      // the shared zero page, or what else has no frame to count
  kMapped,    // stores are allowed
  kReadOnly,  // and the mapping allows no more, or nobody knows
  kCow,       // a store copies first
  kHuge,      // one entry for a table's worth of pages
  kSwapped,
  kUffdWp,    // write-protected by userfaultfd
  kMarker,    // absent, and something is remembered of it
  kTagged,    // arm64: tagged memory
  kNoAccess,  // present to the kernel alone
  kMigration,
  kPoisoned,
  kDetached,  // its entry is in a table that the tree no longer leads to
};
inline constexpr int kPageStates = 14;

// "mapped", "swapped", ...
std::string_view StateName(PageState state);

// What an entry is, from its text in a trace ("page pfn:0x12 uwAD").
struct EntryText {
  enum class Kind : uint8_t { kNone, kTable, kPage, kOther } kind{};
  uint64_t pfn = 0;   // of tables and pages
  PageState state{};  // kAbsent for tables
  bool writable = false;
};
// `is_huge`: of a level above the lowest.
EntryText ParseEntry(std::string_view text, bool is_huge);

}  // namespace faultline::report

#endif  // FAULTLINE_PLUGIN_REPORT_PAGE_STATE_H_
