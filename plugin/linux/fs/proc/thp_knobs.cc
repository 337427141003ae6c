#include "plugin/linux/fs/proc/thp_knobs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "guest_mm/thp/khugepaged.h"

namespace faultline::os {
namespace {

// One of several words, the one in force in brackets: "always [madvise]
// never". `words` are in the order of the values of the enumeration `choice`.
template <typename Enum>
Knob ChoiceKnob(Enum& choice, std::vector<absl::string_view> words) {
  Knob knob;
  knob.get = [&choice, words] {
    std::string text;
    for (size_t i = 0; i < words.size(); ++i) {
      const bool chosen = i == size_t(choice);
      absl::StrAppend(&text, i == 0 ? "" : " ", chosen ? "[" : "", words[i],
                      chosen ? "]" : "");
    }
    return absl::StrCat(text, "\n");
  };
  knob.set = [&choice, words](absl::string_view text) -> ErrnoOr<Done> {
    const auto found =
        std::find(words.begin(), words.end(), absl::StripSuffix(text, "\n"));
    if (found == words.end()) {
      return Errno::kEINVAL;
    }
    choice = Enum(found - words.begin());
    return kDone;
  };
  return knob;
}

Knob FlagKnob(bool& flag) {
  return NumberKnob([&flag] { return uint64_t{flag}; },
                    [&flag](uint64_t value) { flag = value != 0; },
                    {.min = 0, .max = 1});
}

// A number kept in `value`; `memory`'s khugepaged looks at it anew.
Knob KhugepagedKnob(mm::MemoryManager& memory, uint64_t& value,
                    KnobRange range) {
  return NumberKnob([&value] { return value; },
                    [&value, &memory](uint64_t v) {
                      value = v;
                      memory.khugepaged().Wake();
                    },
                    range);
}

// mm/khugepaged.c, the attributes of khugepaged_attr_group.
void AddKhugepagedKnobs(KnobDir& dir, mm::MemoryManager& memory) {
  constexpr uint64_t kMostUnsigned = 0xffffffff;
  mm::KhugepagedSettings& settings = memory.thp().khugepaged;
  const uint64_t huge_pages = memory.arch().geometry().HugePages();
  const auto add = [&](const char* name, uint64_t& value, KnobRange range) {
    dir.Add(name, KhugepagedKnob(memory, value, range));
  };
  dir.Add("defrag", FlagKnob(settings.defrag));
  add("scan_sleep_millisecs", settings.scan_sleep_ms, {0, kMostUnsigned});
  add("alloc_sleep_millisecs", settings.alloc_sleep_ms, {0, kMostUnsigned});
  add("pages_to_scan", settings.pages_to_scan, {1, kMostUnsigned});
  add("max_ptes_none", settings.max_ptes_none, {0, huge_pages - 1});
  add("max_ptes_swap", settings.max_ptes_swap, {0, huge_pages - 1});
  add("max_ptes_shared", settings.max_ptes_shared, {0, huge_pages - 1});
  const auto count = [&](const char* name,
                         uint64_t (mm::Khugepaged::*get)() const) {
    dir.Add(name, {[&memory, get] {
                     return absl::StrCat((memory.khugepaged().*get)(), "\n");
                   },
                   nullptr});
  };
  count("pages_collapsed", &mm::Khugepaged::pages_collapsed);
  count("full_scans", &mm::Khugepaged::full_scans);
}

// Writing the knob starts khugepaged, or lets it look at what there is now.
Knob EnabledKnob(mm::MemoryManager& memory) {
  Knob knob =
      ChoiceKnob(memory.thp().settings.enabled, {"always", "madvise", "never"});
  knob.set = [set = std::move(knob.set),
              &memory](absl::string_view text) -> ErrnoOr<Done> {
    FL_TRY(set(text));
    memory.khugepaged().Wake();
    return kDone;
  };
  return knob;
}

// The first four are also what the kernel's own tmpfs is mounted with from then
// on (shmem_enabled_store()).
Knob ShmemEnabledKnob(mm::MemoryManager& memory) {
  mm::ShmemHuge& choice = memory.thp().settings.shmem_enabled;
  Knob knob = ChoiceKnob(
      choice, {"always", "within_size", "advise", "never", "deny", "force"});
  knob.set = [set = std::move(knob.set), &choice,
              &memory](absl::string_view text) -> ErrnoOr<Done> {
    FL_TRY(set(text));
    if (const auto option = mm::MountOptionOf(choice)) {
      memory.shmem_mount().huge = *option;
    }
    return kDone;
  };
  return knob;
}

}  // namespace

void AddThpKnobs(KnobDir& thp, mm::MemoryManager& memory) {
  mm::ThpSettings& settings = memory.thp().settings;
  thp.Add("enabled", EnabledKnob(memory));
  thp.Add("defrag",
          ChoiceKnob(settings.defrag,
                     {"always", "defer", "defer+madvise", "madvise", "never"}));
  thp.Add("use_zero_page", FlagKnob(settings.use_zero_page));
  thp.Add("shmem_enabled", ShmemEnabledKnob(memory));
  thp.Add("hpage_pmd_size", ConstantKnob(absl::StrCat(
                                memory.arch().geometry().HugeBytes(), "\n")));
  AddKhugepagedKnobs(thp.Dir("khugepaged"), memory);
}

}  // namespace faultline::os
