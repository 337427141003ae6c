/* Of a version of our own interface that is not there. */

#include "plugin/api/faultline-plugin.h"

FAULTLINE_EXPORT int faultline_plugin_version = 9;

int faultline_plugin_install(faultline_id id, const faultline_info* info,
                             int argc, char** argv) {
  (void)id, (void)info, (void)argc, (void)argv;
  return 0;
}
