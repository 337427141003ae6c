/* Of a version of the interface that is not there, or of none. */

#include "plugin/api/qemu_abi.h"

#ifdef VERSION
QEMU_PLUGIN_EXPORT int qemu_plugin_version = VERSION;
#endif

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                        char** argv) {
  (void)id, (void)info, (void)argc, (void)argv;
  return 0;
}
