#ifndef FAULTLINE_PLUGIN_ENGINE_UC_CONTEXT_H_
#define FAULTLINE_PLUGIN_ENGINE_UC_CONTEXT_H_

// UcContext: a state that was saved, in memory of our own (operator new): who
// puts our memory back puts it back, too.

#include <unicorn/unicorn.h>

#include <memory>
#include <new>

namespace faultline::engine {

struct UcContextDeleter {
  void operator()(uc_context* c) const { ::operator delete(c); }
};
using UcContext = std::unique_ptr<uc_context, UcContextDeleter>;

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_UC_CONTEXT_H_
