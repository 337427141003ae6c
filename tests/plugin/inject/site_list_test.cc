#include "plugin/inject/site_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace faultline::inject {
namespace {

using ::testing::HasSubstr;

TEST(SiteListTest, NoNameIsThereTwiceAndEachIsExplained) {
  std::set<std::string> names;
  for (const SiteInfo& site : Sites()) {
    EXPECT_TRUE(names.insert(site.name).second) << site.name;
    EXPECT_NE(site.what[0], '\0') << site.name;
  }
  EXPECT_GT(names.size(), 80u);
  for (const char* known :
       {"alloc.anon", "alloc.hugetlb", "slab", "usercopy", "table.gone",
        "page.lock.try", "mmap_lock.try", "swap.read.error", "file.write.error",
        "pte.lock.locked", "tlb.flush", "sched_yield"}) {
    EXPECT_TRUE(names.contains(known)) << known;
  }
}

std::string Checked(const std::string& text) {
  return std::string(CheckSite(*ParseRule(text)).message());
}

TEST(SiteListTest, ARuleMustNameASiteThatCanDoWhatItSays) {
  EXPECT_EQ(Checked("alloc.anon"), "");
  EXPECT_EQ(Checked("alloc.*"), "");
  EXPECT_EQ(Checked("alloc.anon=reclaim"), "");
  EXPECT_EQ(Checked("pte.lock.*=delay"), "");
  EXPECT_THAT(Checked("alloc.none"), HasSubstr("no such site"));
  EXPECT_THAT(Checked("pte.lock.locked"), HasSubstr("nothing there can fail"));
}

TEST(SiteListTest, TextAndJsonHaveEverySiteAndAction) {
  for (const SiteInfo& site : Sites()) {
    EXPECT_THAT(SitesText(), HasSubstr(std::string("  ") + site.name + " "));
    EXPECT_THAT(SitesJson(),
                HasSubstr(std::string("\"site\":\"") + site.name + "\""));
  }
  for (const ActionInfo& action : Actions()) {
    EXPECT_THAT(SitesText(), HasSubstr(std::string("  ") + action.name));
    EXPECT_THAT(SitesJson(), HasSubstr(action.what));
  }
}

}  // namespace
}  // namespace faultline::inject
