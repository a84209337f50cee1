// site/state.hpp: the register of rewrites, and what goes with a rewrite.
#include "site/state.hpp"

#include <doctest/doctest.h>

#include "fixture.hpp"

namespace pyccolo::test {

using site::rewrite_of;
using site::Table;

TEST_CASE("a rewrite is found by its id as long as it lives") {
  Sites sites;
  Ref first = sites.rewrite();
  const Ref second = sites.rewrite();
  const std::uint32_t id = rewrite_of(first).id;
  CHECK(rewrite_of(second).id == id + 1);
  CHECK(sites.state.find(id) == object_of(first));
  CHECK(sites.state.live_rewrites == 2);
  first = nullptr;
  CHECK(sites.state.find(id) == nullptr);
  CHECK(sites.state.find(id + 1) == object_of(second));
  CHECK(sites.state.live_rewrites == 1);
}

TEST_CASE("ids start again at one, and skip those in use") {
  Sites sites;
  const Ref tree = none();
  const Ref first = sites.rewrite();
  const Ref path = intern("path");
  for (std::uint32_t i = 1; i < Marker::kMaxRewrite; ++i)
    sites.state.make_rewrite(tree, path, path);
  CHECK(rewrite_of(first).id == 1);
  CHECK(rewrite_of(sites.rewrite()).id == 2);
}

TEST_CASE("being found does not keep a rewrite alive") {
  Sites sites;
  const Ref rewrite = sites.rewrite();
  CHECK(count_of(rewrite) == 1);
}

TEST_CASE("a kept rewrite lives until the next of its path") {
  Sites sites;
  sites.state.keep(sites.rewrite());
  const Ref path = intern("path");
  const Ref first = Ref::borrow(sites.state.kept(path));
  REQUIRE(first);
  sites.state.keep(sites.rewrite(Py_None, "other"));
  CHECK(sites.state.kept(path).is(first));
  sites.state.keep(sites.rewrite());
  CHECK_FALSE(sites.state.kept(path).is(first));
  CHECK(count_of(first) == 1);
  CHECK(sites.state.live_rewrites == 3);
}

TEST_CASE("releasing drops a kept rewrite, unless another has taken its place") {
  Sites sites;
  const Ref path = intern("path");
  const Ref older = sites.rewrite();
  const Ref newer = sites.rewrite();
  sites.state.keep(newer);
  sites.state.release(path, older);
  CHECK(sites.state.kept(path).is(newer));
  sites.state.release(path, newer);
  CHECK_FALSE(sites.state.kept(path));
  sites.state.keep(older);
  sites.state.release(path, nullptr);
  CHECK_FALSE(sites.state.kept(path));
  sites.state.release(path, nullptr);
}

TEST_CASE("the guards of a rewrite are on, and go with it") {
  Sites sites;
  Ref rewrite = sites.rewrite();
  const Ref guard = intern("guard");
  sites.state.register_guard(rewrite_of(rewrite), guard.copy(), nullptr);
  CHECK(find_item(sites.state.builtins, guard).is(Py_True));
  CHECK(PySet_Contains(sites.state.guards.get(), guard.get()) == 1);
  rewrite = nullptr;
  CHECK_FALSE(find_item(sites.state.builtins, guard));
  CHECK(PySet_Contains(sites.state.guards.get(), guard.get()) == 0);
}

TEST_CASE("all tables must be given") {
  Sites sites;
  CHECK(error_of([&] { sites.state.set_tables(run("")); }).starts_with("KeyError"));
}

}  // namespace pyccolo::test
