#include "guest_mm/mm/proc_maps.h"

#include "guest_mm/mm/proc_report.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class NamedFile : public TestFile {
 public:
  NamedFile(PhysMem& phys, std::string name)
      : TestFile(phys, Mapping::Kind::kRegular), name_(std::move(name)) {}
  std::string MapsName() const override { return name_; }
  uint32_t dev_major() const override { return 0xfe; }
  uint32_t dev_minor() const override { return 0; }
  uint64_t ino() const override { return 247134; }

 private:
  std::string name_;
};

class ProcMapsTest : public CallsTest {};

TEST_F(ProcMapsTest, LinesAreThoseOfLinux) {
  // The shape of each line is from a 6.12 kernel's /proc/self/maps.
  auto file = std::make_shared<NamedFile>(machine_.phys(), "/usr/bin/cat");
  file->mapping().Resize(16 * kPage);
  MmapRequest r = Request(GuestAddr(0x400000), 5, 5, kMapPrivate | kMapFixed);
  r.file = file;
  r.pgoff = 2;
  ASSERT_THAT(Mmap(mm_, r), Succeeds());
  SetupBrk(mm_, GuestAddr(0x14c39000));
  ASSERT_EQ(Brk(mm_, GuestAddr(0x14c63000)), GuestAddr(0x14c63000));
  ASSERT_THAT(Mmap(mm_, Request(GuestAddr(0x7f1d238ed000), 256, kRW,
                                kAnon | kMapFixed)),
              Succeeds());
  ASSERT_THAT(Mmap(mm_, Request(GuestAddr(0x7f1d239ed000), 2, kRW,
                                kAnonShared | kMapFixed)),
              Succeeds());
  mm_.start_stack = GuestAddr(0x7ffeea5a9000);
  ASSERT_THAT(
      SetupStack(mm_, GuestAddr(0x7ffeea5aa000), 33 * kPage, Prot::RW()),
      Succeeds());
  EXPECT_EQ(RenderMaps(mm_),
            "00400000-00405000 r-xp 00002000 fe:00 247134                     "
            "        /usr/bin/cat\n"
            "14c39000-14c63000 rw-p 00000000 00:00 0                          "
            "        [heap]\n"
            "7f1d238ed000-7f1d239ed000 rw-p 00000000 00:00 0 \n"
            "7f1d239ed000-7f1d239ef000 rw-s 00000000 00:01 1                  "
            "        /dev/zero (deleted)\n"
            "7ffeea589000-7ffeea5aa000 rw-p 00000000 00:00 0                  "
            "        [stack]\n");
}

TEST_F(ProcMapsTest, NewlinesInPathsAreEscaped) {
  MapFile(0, 1, 1, kMapPrivate,
          std::make_shared<NamedFile>(machine_.phys(), "/a\nb"));
  EXPECT_EQ(VmaName(mm_, VmaAt(0)), "/a\\012b");
}

TEST_F(ProcMapsTest, NamesGivenByThePrograms) {
  Map(0, 1);
  Map(2, 1, kRW, kAnonShared);
  VmaAt(0).anon_name = "arena";
  VmaAt(2).anon_name = "ring";
  EXPECT_EQ(VmaName(mm_, VmaAt(0)), "[anon:arena]");
  EXPECT_EQ(VmaName(mm_, VmaAt(2)), "[anon_shmem:ring]");
  VmaAt(0).special_name = "[vdso]";
  EXPECT_EQ(VmaName(mm_, VmaAt(0)), "[vdso]");
}

TEST_F(ProcMapsTest, LongLinesStillHaveOneSpaceBeforeTheName) {
  std::string out;
  AppendMapsLine({GuestAddr(0x1000), GuestAddr(0x2000)}, "r--p",
                 0x123456789abcdef0, 0xabc, 0xdef, ~uint64_t{0}, "/x", &out);
  EXPECT_EQ(out,
            "00001000-00002000 r--p 123456789abcdef0 abc:def "
            "18446744073709551615     /x\n");
}

}  // namespace
}  // namespace faultline::mm
