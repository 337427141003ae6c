#ifndef FAULTLINE_PLUGIN_LINUX_TASK_VALIDATE_MEMORY_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_VALIDATE_MEMORY_H_

// --validate: every invariant of the memory manager after each step of a run.

namespace faultline::mm {
class Actor;
}

namespace faultline::os {

class Kernel;

// mm::ValidateAll() over the spaces of all processes, unless an actor stands in
// the middle of something, when pages and entries may be on their way. `self`
// is the calling actor, about to go back to user mode; null between runs. Dies
// on a broken invariant, with its name. True if it could look.
bool ValidateMemory(Kernel& kernel, const mm::Actor* self);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_VALIDATE_MEMORY_H_
