#ifndef FAULTLINE_PLUGIN_LAB_PROGRESS_CLAIMS_H_
#define FAULTLINE_PLUGIN_LAB_PROGRESS_CLAIMS_H_

// Claims P1 to P11: loops around copies between kernel and user memory either
// get on or are stuck. Each runs the guest kernel image's own routines and
// loops.

#include "plugin/lab/experiment.h"

namespace faultline::lab {

Findings BailingOutIsWrong(engine::Arch arch);           // P1
Findings TrueErrors(engine::Arch arch);                  // P2
Findings ProgressUnderInterference(engine::Arch arch);   // P3
Findings CopiesUpToTheFault(engine::Arch arch);          // P4
Findings FirstByteTerminates(engine::Arch arch);         // P5
Findings RewindLivelocks(engine::Arch arch);             // P6
Findings PageTablesHaveNoTags(engine::Arch arch);        // P7
Findings GranulesFindAll(engine::Arch arch);             // P8
Findings AsynchronousCannotLivelock(engine::Arch arch);  // P9
Findings WholeBlocks(engine::Arch arch);                 // P10
Findings WrongReturnSpins(engine::Arch arch);            // P11

}  // namespace faultline::lab

#endif  // FAULTLINE_PLUGIN_LAB_PROGRESS_CLAIMS_H_
