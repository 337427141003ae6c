// The reference of the interface, from the same lists that make it.

#include "absl/strings/str_cat.h"
#include "plugin/script/interpreter.h"
#include "plugin/script/objects.h"

namespace faultline::script {

std::string RenderApi() {
  std::string text =
      "# What scripts can call\n\n`faultline script --api` prints this page; "
      "[scripts.md](scripts.md) is the guide.\n\n";
  for (const ApiClass* const c :
       {&WorldApi(), &ApiOf<ActorRef>(), &ExploreApi(), &ReportApi(),
        &ApiOf<Machine>(), &ApiOf<Space>(), &ApiOf<MemoryFile>(),
        &ApiOf<UserTask>(), &ApiOf<Uffd>(), &ApiOf<Pins>(),
        &ApiOf<TableLock>()}) {
    absl::StrAppend(&text, "## ", *c->name == '\0' ? c->what : c->name, "\n\n");
    if (*c->name != '\0') {
      absl::StrAppend(&text, c->what, "\n\n");
    }
    for (const ApiFunction& f : c->functions) {
      absl::StrAppend(&text, "`", f.usage, "`\n: ", f.what, "\n\n");
    }
  }
  text.pop_back();
  return text;
}

}  // namespace faultline::script
