// dispatch/disabled.hpp: which handlers are disabled at a place, and until when.
#include "dispatch/disabled.hpp"

#include <doctest/doctest.h>

#include "../source.hpp"
#include "dispatch/handler.hpp"
#include "site/rewrite.hpp"

namespace pyccolo::test {

using dispatch::ArmedHandlers;
using dispatch::DisabledAt;
using dispatch::Handler;

namespace {

Handler handler_of(ArmedHandlers& tracer, Borrowed spec, Event event = Event::load_name) {
  Handler handler;
  handler.armed = tracer.of(spec, event);
  return handler;
}

}  // namespace

TEST_CASE("a handler is disabled where it was noted, and there only") {
  ArmedHandlers tracer;
  const Ref spec = take(PyList_New(0));
  const Handler handler = handler_of(tracer, spec);
  DisabledAt here, there;
  CHECK_FALSE(here.has(handler));
  here.add(handler);
  here.add(handler);
  CHECK(here.has(handler));
  CHECK_FALSE(there.has(handler));
}

TEST_CASE("handlers are apart by tracer, event and spec, and the same in every plan") {
  ArmedHandlers one, two;
  const Ref spec = take(PyList_New(0));
  const Ref other = take(PyList_New(0));
  DisabledAt here;
  here.add(handler_of(one, spec));
  CHECK(here.has(handler_of(one, spec)));
  CHECK_FALSE(here.has(handler_of(two, spec)));
  CHECK_FALSE(here.has(handler_of(one, other)));
  CHECK_FALSE(here.has(handler_of(one, spec, Event::after_call)));
}

TEST_CASE("rearming lets what was noted lapse") {
  ArmedHandlers tracer;
  const Ref spec = take(PyList_New(0));
  const Handler name = handler_of(tracer, spec);
  const Handler call = handler_of(tracer, spec, Event::after_call);
  DisabledAt here;
  here.add(name);
  here.add(call);
  tracer.rearm(Event::after_call);
  CHECK(here.has(name));
  CHECK_FALSE(here.has(call));
  CHECK_FALSE(here.prune());
  tracer.rearm();
  CHECK_FALSE(here.has(name));
  CHECK(here.prune());
}

TEST_CASE("a tracer that is gone leaves nothing to keep") {
  const Ref spec = take(PyList_New(0));
  DisabledAt here;
  {
    ArmedHandlers tracer;
    here.add(handler_of(tracer, spec));
    CHECK_FALSE(here.prune());
  }
  CHECK(Py_REFCNT(spec.get()) == 1);
  CHECK(here.prune());
}

TEST_CASE("each site of a rewrite has its place") {
  site::Rewrite rewrite;
  rewrite.sites.resize(2);
  ArmedHandlers tracer;
  const Ref spec = take(PyList_New(0));
  const Handler handler = handler_of(tracer, spec);
  CHECK(dispatch::disabled_at(rewrite, rewrite.sites[0]) == nullptr);
  dispatch::make_disabled_at(rewrite, rewrite.sites[0]).add(handler);
  CHECK(dispatch::disabled_at(rewrite, rewrite.sites[0])->has(handler));
  CHECK(dispatch::disabled_at(rewrite, rewrite.sites[1]) == nullptr);
}

}  // namespace pyccolo::test
