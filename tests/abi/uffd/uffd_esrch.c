// When the process whose memory it is has ended, the filling ioctls are ESRCH;
// REGISTER and UNREGISTER are ENOMEM, and WAKE has nobody to wake.

#include "tests/abi/pass.h"
#include "tests/abi/uffd.h"

static char* g_area;
static int g_sockets[2];

static void Maker(void) {
  int u = Uffd(0);
  Arm(u, g_area, kPage, kMissing | kWp);
  SendDescriptor(g_sockets[1], u);
}

int main(void) {
  g_area = Island(1, kReadWrite);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, g_sockets));
  CHECK_EQ(RunChild(Maker), 0);
  int u = ReceiveDescriptor(g_sockets[0]);
  CHECK_INVALID(Copy(u, g_area, Letter('a'), kPage, 0), ESRCH);
  CHECK_INVALID(ZeroPage(u, g_area, kPage, 0), ESRCH);
  CHECK_INVALID(Continue(u, g_area, kPage, 0), ESRCH);
  CHECK_INVALID(Poison(u, g_area, kPage, 0), ESRCH);
  CHECK_EQ(WriteProtect(u, g_area, kPage, kProtect), ESRCH);
  CHECK_INVALID(Move(u, g_area, Letter('a'), kPage, 0), EINVAL);
  Ok("the filling ioctls; MOVE asks first whose memory it is");

  CHECK_INVALID(Register(u, g_area, kPage, kMissing), ENOMEM);
  CHECK_EQ(Unregister(u, g_area, kPage), ENOMEM);
  CHECK_EQ(Wake(u, g_area, kPage), 0);
  Ok("REGISTER, UNREGISTER and WAKE");

  CHECK_INVALID(Copy(u, g_area + 1, Letter('a'), kPage, 0), EINVAL);
  struct uffd_msg message;
  CHECK_FAILS(read(u, &message, sizeof message), EAGAIN);
  Ok("EINVAL comes before");
  return 0;
}
