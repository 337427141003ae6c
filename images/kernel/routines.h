// The routines of the guest kernel image that others call, in the order of
// their addresses in its table: F(name in C++, symbol). Read by the assembler,
// the linker's table (header.h) and plugin/engine/kernel_image.h.
// clang-format off
#define KERNEL_ROUTINES(F)                              \
  F(kCopyToUser, copy_to_user)                          \
  F(kCopyFromUser, copy_from_user)                      \
  F(kClearUser, clear_user)                             \
  F(kGetUser1, get_user_1)                              \
  F(kGetUser2, get_user_2)                              \
  F(kGetUser4, get_user_4)                              \
  F(kGetUser8, get_user_8)                              \
  F(kPutUser1, put_user_1)                              \
  F(kPutUser2, put_user_2)                              \
  F(kPutUser4, put_user_4)                              \
  F(kPutUser8, put_user_8)                              \
  F(kCmpxchgUser4, cmpxchg_user_4)                      \
  F(kStrncpyFromUser, strncpy_from_user)                \
  F(kStrnlenUser, strnlen_user)                         \
  F(kFaultInReadable, fault_in_readable)                \
  F(kFaultInWriteable, fault_in_writeable)              \
  F(kFaultInSubpageWriteable, fault_in_subpage_writeable) \
  F(kLoopBufferedWrite, loop_buffered_write)            \
  F(kLoopBufferedRead, loop_buffered_read)              \
  F(kLoopTreeSearch, loop_tree_search)                  \
  F(kLoopGfs2Read, loop_gfs2_read)                      \
  F(kLoopDirectIo, loop_direct_io)
// clang-format on
