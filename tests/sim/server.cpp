#include "server.hpp"

namespace vfslock::sim {

using impl::Version;

std::string brief(const Version &version) { return version.id.substr(0, 6); }

std::string brief(const std::string &bytes) {
  auto decoded = impl::decode(bytes);
  const auto *record = std::get_if<impl::Record>(&decoded);
  if (!record) return "unreadable";
  if (record->foreign()) return "foreign, ttl " + in_seconds(record->ttl);
  return std::string(record->released ? "released" : "held") + " seq " + std::to_string(record->seq) + " token " +
         std::to_string(record->token) + " lease " + std::to_string(record->lease / milliseconds(1)) + "ms lock " +
         record->lock_id.substr(0, 4) + " write " + record->write_id.substr(0, 4) + (record->keep ? " keep" : "");
}

bool Server::meets(const impl::Condition &condition) const {
  const auto *version = std::get_if<Version>(&condition);
  return version ? object_ && object_->version == *version : !object_;
}

impl::Look Server::look() const {
  if (!object_) return std::nullopt;
  impl::Seen seen;
  seen.bytes = object_->bytes;
  seen.version = object_->version;
  if (plan_.kind == Kind::local && object_->tenure != 0)
    seen.life = lives(object_->tenure) ? impl::Life::alive : impl::Life::dead;
  if (plan_.dates) {  // whole seconds, as HTTP has them
    seen.last_modified = std::chrono::floor<seconds>(object_->modified);
    seen.server_date = std::chrono::floor<seconds>(true_wall(loop_.now()));
  }
  return seen;
}

// FNV-1a: equal bytes have equal versions, as with S3. R2 is what makes that enough.
Version Server::version_of(const std::string &bytes) {
  if (!plan_.content_versions) return {"g" + std::to_string(++versions_)};
  std::uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return {text};
}

Version Server::put(const Author &author, std::string bytes, std::uint64_t tenure) {
  if (object_) object_->tenure_ended = object_->tenure != 0 && !lives(object_->tenure);
  const std::optional<Object> before = object_;
  Object after;
  after.version = version_of(bytes);
  auto decoded = impl::decode(bytes);
  if (auto *record = std::get_if<impl::Record>(&decoded)) after.record = std::move(*record);
  after.bytes = std::move(bytes);
  after.modified = true_wall(loop_.now());
  after.tenure = tenure;
  after.created = !before;
  loop_.say("store", [&] {
    return author.who + " puts " + brief(after.version) + " in place of " + (before ? brief(before->version) : "nothing") +
           ": " + brief(after.bytes);
  });
  object_ = std::move(after);
  oracle_.changed(author, before, object_);
  hints.announce();
  return object_->version;
}

void Server::remove(const Author &author) {
  const std::optional<Object> before = std::exchange(object_, std::nullopt);
  loop_.say("store", [&] { return author.who + " removes " + brief(before->version); });
  oracle_.changed(author, before, object_);
  hints.announce();
}

std::uint64_t Server::begin_tenure() {
  alive_.insert(++tenures_);
  return tenures_;
}

void Server::end_tenure(std::uint64_t tenure) {
  alive_.erase(tenure);
  hints.announce();
}

}  // namespace vfslock::sim
