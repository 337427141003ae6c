// Covers: guest_mm/phys/copy_page.cc
#include "guest_mm/phys/frame_tags.h"

#include <gtest/gtest.h>

#include <memory>

#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {
namespace {

constexpr PageShift kShift(12);

TEST(FrameTagsTest, EachGranuleHasItsOwn) {
  FrameTags tags(1 << 20, kShift);
  EXPECT_EQ(tags.Get(PhysAddr(0x1230)), 0);
  tags.Set(PhysAddr(0x1235), 9);
  tags.Set(PhysAddr(0x1240), 3);
  EXPECT_EQ(tags.Get(PhysAddr(0x1220)), 0);
  EXPECT_EQ(tags.Get(PhysAddr(0x123f)), 9);
  EXPECT_EQ(tags.Get(PhysAddr(0x1240)), 3);
  EXPECT_EQ(tags.Get(PhysAddr(0x1250)), 0);
}

TEST(FrameTagsTest, APageOfOneTagIsUniform) {
  FrameTags tags(1 << 20, kShift);
  EXPECT_EQ(tags.Uniform(PhysAddr(0x2000), 4096), MemoryTag(0));
  tags.Fill(PhysAddr(0x2000), 4096, 7);
  EXPECT_EQ(tags.Uniform(PhysAddr(0x2000), 4096), MemoryTag(7));
  for (const uint64_t at : {0x2000, 0x2010, 0x2800, 0x2ff0}) {
    tags.Set(PhysAddr(at), 6);
    EXPECT_EQ(tags.Uniform(PhysAddr(0x2000), 4096), std::nullopt) << at;
    tags.Set(PhysAddr(at), 7);
  }
  EXPECT_EQ(tags.Uniform(PhysAddr(0x3000), 4096), MemoryTag(0));
}

TEST(FrameTagsTest, AFramesTagsAreCopiedAndStored) {
  FrameTags tags(1 << 20, kShift);
  tags.Set(PhysAddr(0x2010), 5);
  tags.Copy(Pfn(4), Pfn(2));
  EXPECT_EQ(tags.Get(PhysAddr(0x4010)), 5);
  EXPECT_EQ(tags.Of(Pfn(4)).size(), 128u);
  EXPECT_EQ(tags.Of(Pfn(4))[0], std::byte{0x50});
  tags.Clear(Pfn(2));
  EXPECT_EQ(tags.Get(PhysAddr(0x2010)), 0);
  tags.Store(Pfn(2), tags.Of(Pfn(4)));
  EXPECT_EQ(tags.Get(PhysAddr(0x2010)), 5);
}

TEST(FrameTagsTest, APageHasTagsOnceItIsMappedSo) {
  auto phys = *PhysMem::Create(1 << 20, kShift);
  const Pfn a = *phys->Allocate(AllocPurpose::kAnon);
  const Pfn b = *phys->Allocate(AllocPurpose::kAnon);
  phys->tags().Set(a.ToPhys(kShift), 9);  // left from an earlier life
  phys->MakeTagged(a);
  EXPECT_EQ(phys->tags().Get(a.ToPhys(kShift)), 0);
  phys->tags().Set(a.ToPhys(kShift), 4);
  phys->MakeTagged(a);
  EXPECT_EQ(phys->tags().Get(a.ToPhys(kShift)), 4) << "it has some already";
  phys->CopyPage(b, a);
  EXPECT_TRUE(phys->frame(b).tagged);
  EXPECT_EQ(phys->tags().Get(b.ToPhys(kShift)), 4);
  phys->Put(a);
  phys->Put(b);
  EXPECT_FALSE(phys->frame(a).tagged);
}

}  // namespace
}  // namespace faultline::mm
