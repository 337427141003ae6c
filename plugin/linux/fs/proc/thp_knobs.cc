#include "plugin/linux/fs/proc/thp_knobs.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

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

}  // namespace

void AddThpKnobs(KnobDir& thp, mm::MemoryManager& memory) {
  mm::ThpSettings& settings = memory.thp().settings;
  thp.Add("enabled",
          ChoiceKnob(settings.enabled, {"always", "madvise", "never"}));
  thp.Add("defrag",
          ChoiceKnob(settings.defrag,
                     {"always", "defer", "defer+madvise", "madvise", "never"}));
  thp.Add("use_zero_page", FlagKnob(settings.use_zero_page));
  thp.Add("shmem_enabled",
          ChoiceKnob(settings.shmem_enabled, {"always", "within_size", "advise",
                                              "never", "deny", "force"}));
  thp.Add("hpage_pmd_size", ConstantKnob(absl::StrCat(
                                memory.arch().geometry().HugeBytes(), "\n")));
}

}  // namespace faultline::os
