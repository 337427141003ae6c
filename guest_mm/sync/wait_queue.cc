#include "guest_mm/sync/wait_queue.h"

#include "guest_mm/base/check.h"
#include "guest_mm/sync/footprint.h"

namespace faultline::mm {

WaitNode::~WaitNode() { Remove(); }

void WaitNode::Remove() {
  if (queue_ != nullptr) {
    queue_->Unlink(*this);
  }
}

WaitQueue::~WaitQueue() {
  while (head_ != nullptr) {
    Unlink(*head_);
  }
}

void WaitQueue::Add(WaitNode& node) {
  FL_CHECK(node.queue_ == nullptr);
  NoteWrite(this);
  node.queue_ = this;
  node.prev_ = tail_;
  node.next_ = nullptr;
  (tail_ != nullptr ? tail_->next_ : head_) = &node;
  tail_ = &node;
}

void WaitQueue::Unlink(WaitNode& node) {
  NoteWrite(this);
  (node.prev_ != nullptr ? node.prev_->next_ : head_) = node.next_;
  (node.next_ != nullptr ? node.next_->prev_ : tail_) = node.prev_;
  node.queue_ = nullptr;
  node.prev_ = nullptr;
  node.next_ = nullptr;
}

size_t WaitQueue::Wake(size_t n, WakeKey key) {
  NoteWrite(this);
  size_t used = 0;
  for (WaitNode* node = head_; node != nullptr;) {
    WaitNode* next = node->next_;  // OnWake may take the node out
    if ((!node->exclusive() || used < n) && node->OnWake(key)) {
      ++used;
    }
    node = next;
  }
  return used;
}

}  // namespace faultline::mm
