#ifndef FAULTLINE_PLUGIN_GDB_SERVER_H_
#define FAULTLINE_PLUGIN_GDB_SERVER_H_

// Server: answers packets while the machine stands, over a Target ("Packets",
// "General Query Packets", "The `z` and `Z` packets" in the gdb manual).
// Whatever a packet says, there is an answer: E.. for what cannot be done, and
// the empty one for what is not known.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/gdb/session.h"
#include "plugin/gdb/target.h"

namespace faultline::gdb {

struct Answer {
  std::string reply{};
  // The machine is to go on; the reply, if there is one at all, comes first.
  std::optional<Resume> resume{};
  bool silent = false;
};

class Server {
 public:
  Server(Target& target, Session& session)
      : target_(target), session_(session) {}

  // `last`: why the machine stands.
  Answer Handle(std::string_view packet, const Stop& last);

 private:
  std::string Plain(std::string_view packet, const Stop& last);

  // query.cc
  std::string Query(std::string_view packet);
  std::string Set(std::string_view packet);
  std::string Supported(std::string_view features);
  std::string Transfer(std::string_view packet);
  std::string TransferWrite(std::string_view rest);
  std::string ReadObject(std::string_view object, std::string_view annex,
                         bool* found);
  std::string ThreadsXml();
  std::string MemoryTags(std::string_view args);
  std::string SetMemoryTags(std::string_view args);
  std::string Command(std::string_view hex);

  // file.cc
  std::string HostIo(std::string_view packet);

  // resume_packet.cc
  std::optional<Resume> Resuming(std::string_view packet);

  std::string SetThread(std::string_view args);
  std::string ReadRegister(std::string_view args);
  std::string WriteRegister(std::string_view args);
  std::string ReadMemory(std::string_view args);
  std::string WriteMemory(std::string_view args, bool binary);
  std::string ChangePoint(std::string_view args, bool insert);
  std::string IsAlive(std::string_view args);
  std::optional<ThreadId> ParseThread(std::string_view text) const;
  // The thread of Hg.
  ThreadId General();

  Target& target_;
  Session& session_;
  // Of session_.files, those that were read since the session was taken up.
  std::map<uint64_t, std::string> contents_;
};

}  // namespace faultline::gdb

#endif  // FAULTLINE_PLUGIN_GDB_SERVER_H_
