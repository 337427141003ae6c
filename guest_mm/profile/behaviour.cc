#include "guest_mm/profile/behaviour.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace faultline::mm {
namespace {

// What everything is compared with first; later rules are asked for.
constexpr KernelVersion kDefault{6, 12};

// The change that rules in `version`: the first one always does.
const BehaviourChange& ChangeFor(const BehaviourInfo& info,
                                 KernelVersion version) {
  const BehaviourChange* last = &info.changes.front();
  for (const BehaviourChange& c : info.changes) {
    last = c.since <= version ? &c : last;
  }
  return *last;
}

// Levenshtein's.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

absl::string_view Nearest(absl::string_view name) {
  return std::min_element(AllBehaviours().begin(), AllBehaviours().end(),
                          [&](const auto& a, const auto& b) {
                            return Distance(a.name, name) <
                                   Distance(b.name, name);
                          })
      ->name;
}

std::string History(const BehaviourInfo& info, absl::string_view separator) {
  std::vector<std::string> parts;
  for (const BehaviourChange& c : info.changes) {
    const absl::string_view value = info.values[c.value];
    parts.push_back(c.commit.empty()
                        ? absl::StrCat(value)
                        : absl::StrCat(value, " since ", ToString(c.since),
                                       " (", c.commit, ")"));
  }
  return absl::StrJoin(parts, separator);
}

std::string ProfileNames() {
  return absl::StrJoin(Profiles(), " ", [](std::string* out, KernelVersion v) {
    *out += ToString(v);
  });
}

}  // namespace

std::string ToString(KernelVersion v) {
  return absl::StrCat(v.major, ".", v.minor);
}

BehaviourSet::BehaviourSet() : BehaviourSet(kDefault) {}

BehaviourSet::BehaviourSet(KernelVersion version) : version_(version) {
  for (size_t i = 0; i < kBehaviours; ++i) {
    values_[i] = ChangeFor(AllBehaviours()[i], version).value;
  }
}

absl::StatusOr<BehaviourSet> BehaviourSet::ForKernel(
    absl::string_view version) {
  for (const KernelVersion v : Profiles()) {
    if (ToString(v) == version) {
      return BehaviourSet(v);
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no profile of kernel ", version, "; there are ", ProfileNames()));
}

absl::Status BehaviourSet::Override(absl::string_view assignment) {
  const size_t equals = assignment.find('=');
  const absl::string_view name = assignment.substr(0, equals);
  for (size_t i = 0; i < kBehaviours; ++i) {
    const BehaviourInfo& info = AllBehaviours()[i];
    if (info.name != name) {
      continue;
    }
    const absl::string_view value = equals == absl::string_view::npos
                                        ? absl::string_view()
                                        : assignment.substr(equals + 1);
    for (size_t v = 0; v < info.values.size(); ++v) {
      if (info.values[v] == value) {
        values_[i] = uint8_t(v);
        return absl::OkStatus();
      }
    }
    return absl::InvalidArgumentError(
        absl::StrCat("behaviour ", name, " must be one of ",
                     absl::StrJoin(info.values, ", ")));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no behaviour ", name, "; did you mean ", Nearest(name), "?"));
}

std::string BehavioursMarkdown() {
  std::string out = absl::StrCat(
      "# Behaviours\n\nRules in which versions of Linux differ. `--kernel V` "
      "picks a version's, out of\n",
      ProfileNames(), "; ", ToString(kDefault),
      "'s hold unless it is given. `--behaviour NAME=VALUE` sets one by "
      "itself.\nMade by `faultline behaviours --markdown`; a test compares "
      "the two.\n\n"
      "| name | what | values |\n|---|---|---|\n");
  for (const BehaviourInfo& info : AllBehaviours()) {
    absl::StrAppend(&out, "| `", info.name, "` | ", info.what, " | ",
                    History(info, "; "), " |\n");
  }
  return out;
}

std::string BehavioursText() {
  std::string out;
  for (const BehaviourInfo& info : AllBehaviours()) {
    absl::StrAppend(&out, info.name, "\n    ", info.what, "\n    ",
                    History(info, "\n    "), "\n");
  }
  return out;
}

}  // namespace faultline::mm
