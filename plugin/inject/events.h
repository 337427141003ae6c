#ifndef FAULTLINE_PLUGIN_INJECT_EVENTS_H_
#define FAULTLINE_PLUGIN_INJECT_EVENTS_H_

// What can be made to happen to a program, beside failures: done by an actor of
// its own, with the locks that whoever does such a thing takes.

#include "plugin/inject/injector.h"
#include "plugin/inject/rule.h"
#include "plugin/linux/kernel.h"

namespace faultline::inject {

// The event that is `rule`'s action, for Injector::At(). Of a passing by no
// thread of a program (khugepaged's, say) it is done to the first process.
// Nothing happens if there is nothing left to do it to, or no address.
Injector::Event MakeEvent(os::Kernel& kernel, const Rule& rule);

// The thread that came by; the first process's leader for who is none. Null:
// it has gone.
std::shared_ptr<os::Task> TaskOf(os::Kernel& kernel, const Passing& passing);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_EVENTS_H_
