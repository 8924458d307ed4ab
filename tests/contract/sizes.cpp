#include "contract.hpp"

namespace vfslock::impl::contract {
namespace {

// Not record(): sizes below its smallest are wanted too.
std::string body(std::size_t size, char with = 'x') { return std::string(size, with); }

}  // namespace

CONTRACT_TEST("objects of every size up to the largest come back as they were", Site &site) {
  const std::size_t largest = site.gives().max_object;
  const std::vector<std::size_t> sizes = {1, 2, 511, 512, 1024, largest - 1, largest};
  for (const std::size_t size : sizes) {
    const std::string name = "k" + std::to_string(size);
    const std::string bytes = body(size);
    const Held held = site.create(name, bytes);
    site.stands(name, held.version, bytes);
    CHECK(site.look(name)->bytes.size() >= size);
  }
}

CONTRACT_TEST("a keep and a seize of the largest size", Site &site) {
  const std::size_t largest = site.gives().max_object;
  Held held = site.create("k", record("a"));
  const std::string kept = record("kept", largest), seized = record("seized", largest);
  site.keep("k", held, kept);
  site.stands("k", held.version, kept);
  held = site.seize("k", held.version, seized);
  site.stands("k", held.version, seized);
}

CONTRACT_TEST("a create that is larger than fits is refused and makes nothing", Site &site) {
  TenurePtr tenure;
  const auto answer = site.put("k", body(site.gives().max_object + 1), IfAbsent{}, Step::begin, tenure);
  CHECK(failed_as(answer, Status::INVALID_ARGUMENT));
  CHECK(tenure == nullptr);
  CHECK_FALSE(site.look("k"));
}

CONTRACT_TEST("a replace that is larger than fits is refused and changes nothing", Site &site) {
  const std::string bytes = record("a");
  Held held = site.create("k", bytes);
  const std::string large = body(site.gives().max_object + 1);
  CHECK(failed_as(site.put("k", large, held.version, Step::keep, held.tenure), Status::INVALID_ARGUMENT));
  TenurePtr tenure;
  CHECK(failed_as(site.put("k", large, held.version, Step::seize, tenure), Status::INVALID_ARGUMENT));
  site.stands("k", held.version, bytes);
  site.keep("k", held, record("b"));
}

CONTRACT_TEST("R16: an object of 16 KiB is read whole", Site &site) {
  const std::string bytes = body(max_object_bytes, 'y');
  site.plant_at("k", bytes);
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(seen->bytes == bytes);
}

CONTRACT_TEST("R16: of a longer object one byte more than 16 KiB is read", Site &site) {
  for (const std::size_t size : {max_object_bytes + 1, max_object_bytes + 2, std::size_t{1024 * 1024}}) {
    site.plant_at("k", body(size, 'z'));
    const Look seen = site.look("k");
    REQUIRE(seen);
    CHECK(seen->bytes == body(max_object_bytes + 1, 'z'));
    site.wipe_at("k");
  }
}

CONTRACT_TEST("R16: an oversized object is not in the way of an explicit replace", Site &site) {
  site.plant_at("k", body(100'000));
  const Look seen = site.look("k");
  REQUIRE(seen);
  const std::string bytes = record("a");
  const Held held = site.seize("k", seen->version, bytes);
  site.stands("k", held.version, bytes);
}

CONTRACT_TEST("an oversized object that changes has another version", Site &site) {
  site.plant_at("k", body(100'000, 'a'));
  const Look first = site.look("k");
  site.wipe_at("k");
  site.plant_at("k", body(100'000, 'b'));
  const Look second = site.look("k");
  REQUIRE((first && second));
  CHECK(first->version != second->version);
}

CONTRACT_TEST("an empty object is there, with a version to replace", Site &site) {
  site.plant_at("k", "");
  const Look seen = site.look("k");
  REQUIRE(seen);
  CHECK(seen->bytes.empty());
  TenurePtr tenure;
  CHECK(refused(site.put("k", record("a"), IfAbsent{}, Step::begin, tenure)));
  const std::string bytes = record("b");
  const Held held = site.seize("k", seen->version, bytes);
  site.stands("k", held.version, bytes);
}

CONTRACT_TEST("bytes come back whatever they are", Site &site) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  site.plant_at("planted", all);
  CHECK(site.look("planted")->bytes == all);
  const Held held = site.create("written", all);
  site.stands("written", held.version, all);
}

}  // namespace vfslock::impl::contract
