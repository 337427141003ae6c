#include "plugin/inject/experimenter.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "guest_mm/base/check.h"
#include "plugin/inject/copy_process.h"
#include "plugin/inject/sweep_message.h"

namespace faultline::inject {
namespace {

constexpr size_t kPlaces = 1024;

}  // namespace

// What each copy is about, for when it dies.
struct Experimenter::Shared {
  Experiment current[kPlaces];
};

Experimenter::Experimenter(const SweepSetup& setup, const Learned& learned,
                           const std::set<Experiment>& plan, uint64_t batch,
                           int to_parent)
    : setup_(setup),
      learned_(learned),
      plan_(plan),
      batch_(setup.arena == nullptr ? 1 : batch),
      to_parent_(to_parent) {
  FL_CHECK(setup.jobs >= 1 && size_t(setup.jobs) <= kPlaces);
  for (size_t i = 0; i < size_t(setup.jobs); ++i) {
    free_places_.insert(i);
  }
  void* const map = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  FL_CHECK(map != MAP_FAILED);
  shared_ = static_cast<Shared*>(map);
  const rewind::InsideArena inside(setup_.arena);
  learner_ = std::make_unique<Learner>(setup_);
  FL_CHECK(learner_
               ->AddRules([this](size_t rule, uint64_t nth) {
                 return Chooses({rule, nth});
               })
               .ok());
  learner_->Arm(setup_.learn_limit_ns);
  const rewind::OutsideArena outside;
  timeline_ = std::make_unique<rewind::Timeline>(
      setup_.kernel, setup_.arena,
      [this] { learner_->Run(report_to_, asked_); });
}

Experimenter::~Experimenter() { munmap(shared_, sizeof(Shared)); }

void Experimenter::Run() {
  if (setup_.arena != nullptr) {
    WarmUp();
  }
  asks_ = true;
  uint64_t others = 0;  // passings that are the last copy's
  while (timeline_->Resume()) {
    if (others > 0) {
      --others;
    } else if (MakeCopy(asked_)) {
      RunBatch();
    } else {
      others = batch_ - 1;
    }
  }
  while (!copies_.empty()) {
    Reap();
  }
}

// All that the program runs without injections is translated now.
void Experimenter::WarmUp() {
  FL_CHECK(timeline_->Save().ok());
  FL_CHECK(!timeline_->Resume());
  timeline_->Restore();
}

bool Experimenter::Chooses(const Experiment& e) {
  if (!asks_ || !plan_.contains(e)) {
    return false;
  }
  asked_ = e;
  timeline_->Pause();
  if (fails_) {
    learner_->set_limit(learned_.limit_ns);
  }
  return fails_;
}

bool Experimenter::MakeCopy(const Experiment& first) {
  while (free_places_.empty()) {
    Reap();
  }
  const size_t place = *free_places_.begin();
  shared_->current[place] = first;
  const pid_t parent = getpid();
  pid_t pid = fork();
  while (pid < 0 && !copies_.empty()) {  // when others end, there is room
    Reap();
    pid = fork();
  }
  if (pid == 0) {
    DieWithParent(parent);
    place_ = place;
    return true;
  }
  if (pid < 0) {
    TellNoRoom(first, errno);
  } else {
    copies_.emplace(pid, place);
    free_places_.erase(place);
  }
  return false;
}

void Experimenter::RunBatch() {
  report_to_ = to_parent_;
  for (uint64_t left = batch_;; --left) {
    shared_->current[place_] = asked_;
    StartWatchdog();
    if (left > 1) {
      FL_CHECK(timeline_->Save().ok());
    }
    asks_ = false;
    fails_ = true;
    FL_CHECK(!timeline_->Resume());
    if (left == 1) {
      _exit(0);
    }
    timeline_->Restore();
    asks_ = true;
    fails_ = false;
    report_to_ = -1;
    if (!timeline_->Resume()) {
      _exit(0);  // there are no more
    }
    report_to_ = to_parent_;
  }
}

void Experimenter::Reap() {
  int status = 0;
  const pid_t pid = waitpid(-1, &status, 0);
  const auto it = copies_.find(pid);
  if (it == copies_.end()) {
    FL_CHECK(pid > 0);
    return;
  }
  if (status != 0) {
    Message m;
    m.kind = Message::Kind::kDied;
    m.experiment = shared_->current[it->second];
    m.status = status;
    Send(to_parent_, m);
  }
  free_places_.insert(it->second);
  copies_.erase(it);
}

void Experimenter::TellNoRoom(const Experiment& e, int error) {
  Message m;
  m.kind = Message::Kind::kNoRoom;
  m.experiment = e;
  m.SetText(std::strerror(error));
  Send(to_parent_, m);
}

}  // namespace faultline::inject
