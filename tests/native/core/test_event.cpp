// core/event.hpp: what holds for each row of events.def.
#include "core/event.hpp"

#include <doctest/doctest.h>

#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace pyccolo::test {

namespace {

const std::set<std::string> kNames = {
#define NAME(id) #id,
#define NAMED(id, text) text,
#include "def/names.def"
};

bool is_before(const EventInfo& event) {
  return std::string_view(event.name).starts_with("before_");
}

}  // namespace

TEST_CASE("an event is the row of its number") {
  CHECK(index_of(Event::before_import) == 0);
  CHECK(std::string(info(Event::before_stmt).name) == "before_stmt");
  CHECK(index_of(Event::c_exception) == kEventCount - 1);
}

TEST_CASE("names and values are given once") {
  std::set<std::string> names;
  std::set<std::string> values;
  for (const EventInfo& event : kEvents) {
    CHECK(names.insert(event.name).second);
    CHECK(values.insert(event.value).second);
  }
}

TEST_CASE("only return is called otherwise in Python than on the wire") {
  for (const EventInfo& event : kEvents) {
    const std::string name = event.name;
    CHECK(event.value == (name == "return_" ? "return" : name));
  }
}

TEST_CASE("an ast class registers one event") {
  std::set<std::string> classes;
  for (const EventInfo& event : kEvents) {
    if (*event.alias != '\0') CHECK(classes.insert(event.alias).second);
  }
  CHECK(classes.size() == 17);
}

TEST_CASE("every keyword is an interned name") {
  for (const EventInfo& event : kEvents) {
    std::istringstream words(event.keywords);
    for (std::string word; words >> word;) {
      CAPTURE(event.name);
      CHECK_MESSAGE(kNames.contains(word), word);
    }
  }
}

TEST_CASE("what runs in the place of an expression is a before-event") {
  for (const EventInfo& event : kEvents) {
    CAPTURE(event.name);
    if (event.shape == Shape::Thunk || event.shape == Shape::Operation ||
        event.shape == Shape::Subscript || event.shape == Shape::Stmt) {
      CHECK(is_before(event));
    }
    if (event.shape == Shape::Operation) CHECK(*event.keywords == '\0');
  }
}

TEST_CASE("events that are not woven are notices") {
  for (const EventInfo& event : kEvents) {
    CAPTURE(event.name);
    if (event.origin != Origin::Ast) CHECK(event.shape == Shape::Notice);
  }
}

}  // namespace pyccolo::test
