#include "plugin/report/page_state.h"

#include <charconv>

namespace faultline::report {
namespace {

// Cuts the next word off `text`.
std::string_view Word(std::string_view& text) {
  const size_t end = text.find(' ');
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

uint64_t PfnOf(std::string_view word) {
  uint64_t pfn = 0;
  constexpr std::string_view kPrefix = "pfn:";
  if (word.starts_with(kPrefix)) {
    // As guest_mm writes them: 0x12.
    word.remove_prefix(kPrefix.size() + (word.find("0x") != word.npos ? 2 : 0));
    std::from_chars(word.data(), word.data() + word.size(), pfn, 16);
  }
  return pfn;
}

// The letters are guest_mm/pgtable/entry.cc's.
PageState StateOfPage(std::string_view letters, bool is_huge) {
  const auto has = [&](char c) {
    return letters.find(c) != std::string_view::npos;
  };
  if (has('W')) {
    return PageState::kUffdWp;
  }
  if (has('n')) {
    return PageState::kNoAccess;
  }
  if (has('s')) {
    return PageState::kZero;
  }
  if (is_huge) {
    return PageState::kHuge;
  }
  if (has('m')) {
    return PageState::kTagged;
  }
  return has('w') ? PageState::kMapped : PageState::kReadOnly;
}

}  // namespace

std::string_view StateName(PageState state) {
  static constexpr std::string_view kNames[kPageStates] = {
      "absent",    "zero page", "mapped",   "read-only", "copy on write",
      "huge",      "swapped",   "uffd-wp",  "marker",    "tagged",
      "no access", "migration", "poisoned", "detached"};
  return kNames[size_t(state)];
}

EntryText ParseEntry(std::string_view text, bool is_huge) {
  const std::string_view kind = Word(text);
  if (kind == "table") {
    return {.kind = EntryText::Kind::kTable, .pfn = PfnOf(Word(text))};
  }
  if (kind == "page") {
    const uint64_t pfn = PfnOf(Word(text));
    return {.kind = EntryText::Kind::kPage,
            .pfn = pfn,
            .state = StateOfPage(text, is_huge),
            .writable = text.find('w') != std::string_view::npos};
  }
  const auto other = [](PageState state) {
    return EntryText{.kind = EntryText::Kind::kOther, .state = state};
  };
  if (kind == "swap") {
    return other(PageState::kSwapped);
  }
  if (kind == "migration") {
    return other(PageState::kMigration);
  }
  if (kind == "hwpoison") {
    return other(PageState::kPoisoned);
  }
  if (kind == "marker") {
    return other(PageState::kMarker);
  }
  return {};
}

}  // namespace faultline::report
