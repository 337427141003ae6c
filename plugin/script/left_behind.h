#ifndef FAULTLINE_PLUGIN_SCRIPT_LEFT_BEHIND_H_
#define FAULTLINE_PLUGIN_SCRIPT_LEFT_BEHIND_H_

#include <memory>
#include <utility>

namespace faultline::script {

// Room for a T whose maker may never come back (an actor that waits when its
// machine is abandoned) and which may go without its end.
template <typename T>
class LeftBehind {
 public:
  LeftBehind() {}
  ~LeftBehind() {}
  LeftBehind(const LeftBehind&) = delete;
  LeftBehind& operator=(const LeftBehind&) = delete;

  // Once.
  template <typename... Args>
  T& Make(Args&&... args) {
    return *std::construct_at(&made_, std::forward<Args>(args)...);
  }
  // It is whole.
  void End() { std::destroy_at(&made_); }

 private:
  union {
    T made_;
  };
};

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_LEFT_BEHIND_H_
