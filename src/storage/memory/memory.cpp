#include "storage/memory/memory.hpp"

#include <map>
#include <type_traits>

#include "storage/lock_name.hpp"
#include "storage/memory/table.hpp"
#include "storage/page.hpp"

namespace vfslock::impl {
namespace {

using memory::Entry;
using memory::Locked;
using memory::MemoryTenure;
using Operation = MemoryRequest::Operation;

Version new_version() { return Version{std::to_string(memory::next_number())}; }

// An answer that is lost: the seam has a value for it where something may have been written.
template <class Answer>
Result<Answer> lost_answer(const Error &cause) {
  if constexpr (std::is_constructible_v<Answer, Unknown>) {
    return Answer{Unknown{cause}};
  } else {
    return cause;
  }
}

template <class Answer>
bool was_applied(const Result<Answer> &answer) {
  if (!answer) return false;
  if constexpr (std::is_same_v<Answer, Put>) return std::holds_alternative<Landed>(*answer);
  if constexpr (std::is_same_v<Answer, Removal>) return std::holds_alternative<Done>(*answer);
  return false;
}

bool meets(const Condition &condition, const Entry *entry) {
  const auto *version = std::get_if<Version>(&condition);
  return version ? entry && entry->version == *version : !entry;
}

Error proof_is_gone() { return Error{Status::LOST, "the holder's proof of life is gone: it holds no more"}; }

}  // namespace

// A '#' is in no URI's authority.
MemoryStore::MemoryStore(MemoryOptions options, std::optional<std::string> name)
    : options_(std::move(options)),
      table_(std::make_shared<memory::Table>(name ? *name : "#" + std::to_string(memory::next_number()))) {}

MemoryStore::~MemoryStore() = default;

template <class Answer, class Apply>
Result<Answer> MemoryStore::serve(const MemoryRequest &request, Apply apply) {
  const auto faults = [this] {
    const Locked locked(memory::mutex());
    return faults_;
  }();
  using Kind = MemoryFault::Kind;
  if (faults && faults->before) {
    const MemoryFault fault = faults->before(request);
    if (fault.kind == Kind::error) return fault.cause;
    if (fault.kind == Kind::unknown) return lost_answer<Answer>(fault.cause);
  }
  auto answer = [&]() -> Result<Answer> {
    const Locked locked(memory::mutex());
    if (request.call->cancel && request.call->cancel->is_triggered())
      return Error{Status::CANCELLED, "the call was cancelled"};
    if (options_.now() >= request.call->deadline)
      return Error{Status::UNAVAILABLE, "the time for the request was over before it began"};
    return apply();
  }();
  if (faults && faults->after) {
    const MemoryFault fault = faults->after(request);
    if (fault.kind == Kind::error && !was_applied(answer)) return fault.cause;
    if (fault.kind != Kind::none) return lost_answer<Answer>(fault.cause);
  }
  return answer;
}

// What a look shows; nullopt: nothing there.
static Look look_at(const Entry *entry, const MemoryOptions &options) {
  if (!entry) return std::nullopt;
  Seen seen;
  seen.bytes = entry->bytes.substr(0, max_object_bytes + 1);
  seen.version = entry->version;
  if (options.life) seen.life = entry->holder ? Life::alive : Life::dead;
  if (options.dates) {
    seen.last_modified = entry->last_modified;
    seen.server_date = options.wall();
  }
  return seen;
}

static Refused refused_by(const Entry *entry, const MemoryOptions &options) {
  return options.tells_refused ? Refused{look_at(entry, options)} : Refused{};
}

Result<Guarantee> MemoryStore::guarantee(const Call &call) {
  const MemoryRequest request{Operation::guarantee, nullptr, nullptr, nullptr, &call};
  return serve<Guarantee>(request, [&]() -> Result<Guarantee> {
    Guarantee gives;
    gives.level = Level::exact;
    gives.how = "a mutex of this process";
    gives.conditional_remove = options_.conditional_remove;
    gives.shared_clock = options_.shared_clock;
    gives.strict_tokens = true;
    gives.min_ttl = std::chrono::milliseconds(1);
    gives.max_object = options_.max_object;
    return gives;
  });
}

Result<Look> MemoryStore::get(const std::string &key, Reading, const Call &call) {
  const MemoryRequest request{Operation::get, &key, nullptr, nullptr, &call};
  return serve<Look>(request, [&]() -> Result<Look> { return look_at(table_->find(key), options_); });
}

Result<Put> MemoryStore::put(const std::string &key, const Write &write, const Condition &condition, Step step,
                             TenurePtr &tenure, const Call &call) {
  const MemoryRequest request{Operation::put, &key, &write, &step, &call};
  // Made before and destroyed after the mutex is held: a tenure's destructor takes it.
  const bool starts = step == Step::begin || step == Step::seize;
  TenurePtr leaves;
  auto begun = options_.life && starts ? std::make_unique<MemoryTenure>(table_, key) : nullptr;

  return serve<Put>(request, [&]() -> Result<Put> {
    const Entry *there = table_->find(key);
    if (!meets(condition, there)) return Put{refused_by(there, options_)};
    if (step == Step::begin && there && there->holder) return Put{refused_by(there, options_)};
    const auto *mine = dynamic_cast<const MemoryTenure *>(tenure.get());
    const bool by_nobody = step == Step::end && !tenure;  // a released record over whoever lives there (R7, R13)
    const bool proven = mine && there && mine->proves(*table_, *there);
    if (options_.life && !starts && !by_nobody && !proven) return proof_is_gone();

    const WallTime wall = options_.wall();
    Entry entry{write.bytes(table_->tick(wall)), new_version(), wall};
    if (entry.bytes.size() > options_.max_object)
      return Error{Status::INVALID_ARGUMENT, "the record has " + std::to_string(entry.bytes.size()) +
                                                 " bytes, but at most " + std::to_string(options_.max_object) +
                                                 " fit into a lock object"};
    if (begun) entry.holder = begun->holder;
    if (step == Step::keep && there) entry.holder = there->holder;
    Landed landed{entry.version, entry.bytes};
    table_->store(key, std::move(entry));
    if (step != Step::keep) leaves = std::move(tenure);
    if (begun) tenure = std::move(begun);
    return Put{std::move(landed)};
  });
}

Result<Removal> MemoryStore::remove(const std::string &key, const Version &version, TenurePtr &tenure,
                                    const Call &call) {
  const MemoryRequest request{Operation::remove, &key, nullptr, nullptr, &call};
  TenurePtr leaves;
  return serve<Removal>(request, [&]() -> Result<Removal> {
    if (!options_.conditional_remove)
      return Error{Status::UNSUPPORTED, "this store cannot remove an object on a condition: overwrite it"};
    const Entry *there = table_->find(key);
    if (!meets(version, there)) return Removal{refused_by(there, options_)};
    const auto *mine = dynamic_cast<const MemoryTenure *>(tenure.get());
    const bool proven = tenure ? mine && mine->proves(*table_, *there) : there->holder == 0;
    if (options_.life && !proven) return proof_is_gone();
    table_->erase(key);
    leaves = std::move(tenure);
    return Removal{Done{}};
  });
}

void MemoryStore::arm(const std::string &key, std::unique_ptr<Wakeup> &hint) {
  const auto *old = dynamic_cast<const memory::Hint *>(hint.get());
  if (old && old->works() && old->watches(*table_, key)) return;
  auto fresh = std::make_unique<memory::Hint>(table_, key);
  if (fresh->works()) {
    const Locked locked(memory::mutex());
    fresh->add();
  } else {
    fresh.reset();  // out of descriptors: who waits polls
  }
  hint = std::move(fresh);
}

Result<Page> MemoryStore::list(const std::string &prefix, const std::string &from, std::size_t most, const Call &call) {
  const MemoryRequest request{Operation::list, &prefix, nullptr, nullptr, &call};
  return serve<Page>(request, [&]() -> Result<Page> {
    SortedPage page(prefix, from, most);
    table_->find({});  // a child's first use
    for (const auto &[key, entry] : table_->entries) page.offer(key);
    return page.take();
  });
}

std::string MemoryStore::identity(const std::string &key) const { return "mem://" + table_->name + "/" + key; }

void MemoryStore::inject(MemoryFaults faults) {
  auto fresh = std::make_shared<const MemoryFaults>(std::move(faults));
  const Locked locked(memory::mutex());
  faults_.swap(fresh);
}

void MemoryStore::plant(const std::string &key, std::string bytes) {
  const Locked locked(memory::mutex());
  table_->find(key);  // a child's first use
  table_->store(key, Entry{std::move(bytes), new_version(), options_.wall()});
}

void MemoryStore::wipe(const std::string &key) {
  const Locked locked(memory::mutex());
  table_->erase(key);
}

void MemoryStore::end_life(const std::string &key) {
  const Locked locked(memory::mutex());
  if (const Entry *entry = table_->find(key)) table_->end_life(key, entry->holder);
}

std::shared_ptr<MemoryStore> named_memory(const std::string &name) {
  static auto *all = new std::map<std::string, std::shared_ptr<MemoryStore>>;
  {
    const Locked locked(memory::mutex());
    if (const auto at = all->find(name); at != all->end()) return at->second;
  }
  // Making one takes the mutex; who comes second throws its own away.
  auto fresh = std::make_shared<MemoryStore>(MemoryOptions{}, name);
  const Locked locked(memory::mutex());
  return all->emplace(name, fresh).first->second;
}

Result<Place> open_memory(const Location &location, std::string_view pattern) {
  // Keys as object stores have them: the URI's first slash ends the memory's name.
  const std::string_view path = location.path;
  auto key = lock_name(path.empty() ? path : path.substr(1), pattern);
  if (!key) return key.error();
  return Place{named_memory(location.authority), std::move(*key)};
}

}  // namespace vfslock::impl
