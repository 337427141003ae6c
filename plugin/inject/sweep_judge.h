#ifndef FAULTLINE_PLUGIN_INJECT_SWEEP_JUDGE_H_
#define FAULTLINE_PLUGIN_INJECT_SWEEP_JUDGE_H_

// What an experiment's end is called.

#include "plugin/inject/sweep.h"
#include "plugin/inject/sweep_message.h"

namespace faultline::inject {

// Of one that came to its end, and whose memory was in order.
Result Judge(const Message& report, const RunEnd& baseline);

// Of one that died; `report` is what it told before, if it came so far.
Result JudgeDead(const Message& died, const Message* report);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_SWEEP_JUDGE_H_
