#include "guest_mm/sync/actor.h"

#include "guest_mm/sync/fiber.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {

Actor::Actor(Scheduler& scheduler, uint32_t id, std::string name,
             IsDaemon daemon)
    : scheduler_(scheduler), id_(id), daemon_(daemon), name_(std::move(name)) {}

Actor::~Actor() = default;

bool Actor::OnWake(WakeKey) {
  scheduler_.EndWait(*this, WaitResult::kWoken);
  return true;
}

}  // namespace faultline::mm
