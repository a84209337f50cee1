// site/types.hpp: Rewrite and Site objects, and code that holds them.
#include "site/types.hpp"

#include <doctest/doctest.h>

#include <string>

#include "fixture.hpp"

namespace pyccolo::test {

using site::rewrite_of;

namespace {

Ref compiled(const std::string& source) {
  return take(Py_CompileStringFlags(source.c_str(), "<file>", Py_file_input, nullptr));
}

/// The site objects that code has among its constants, in nested code too.
Ref sites_in(Borrowed code) {
  return value_after(
      "def found(code):\n"
      "    for const in code.co_consts:\n"
      "        if type(const).__name__ == 'Site': yield const\n"
      "        if hasattr(const, 'co_consts'): yield from found(const)\n"
      "x = list(found(code))\n",
      {{"code", code}});
}

}  // namespace

TEST_CASE("a site object keeps its rewrite alive") {
  Sites sites;
  Ref rewrite = sites.rewrite();
  const auto marker = Marker::decode(sites.add_site(rewrite, Event::after_int));
  REQUIRE(marker);
  Ref site = sites.state.site_object(*marker);
  CHECK(sites.state.live_sites == 1);
  rewrite = nullptr;
  CHECK(sites.state.live_rewrites == 1);
  CHECK(text_of(site) == "<site of after_int in 'path'>");
  site = nullptr;
  CHECK(sites.state.live_rewrites == 0);
  CHECK(sites.state.live_sites == 0);
}

TEST_CASE("a marker of a rewrite that is gone, or of no site, has no object") {
  Sites sites;
  Ref rewrite = sites.rewrite();
  const auto marker = Marker::decode(sites.add_site(rewrite, Event::after_int));
  REQUIRE(marker);
  Marker beyond = *marker;
  ++beyond.index;
  CHECK_FALSE(sites.state.site_object(beyond));
  rewrite = nullptr;
  CHECK_FALSE(sites.state.site_object(*marker));
}

TEST_CASE("a site is pickled as its marker, and marshalled as its bytes") {
  Sites sites;
  const Ref rewrite = sites.rewrite();
  sites.add_site(rewrite, Event::load_name);
  const std::int64_t number = sites.add_site(rewrite, Event::after_int);
  const Ref marker = take(PyLong_FromLongLong(number));
  const Ref site = sites.state.site_object(*Marker::decode(number));
  CHECK(holds("__import__('pickle').loads(__import__('pickle').dumps(site)) == marker",
              {{"site", site}, {"marker", marker}}));
  CHECK(
      holds("__import__('marshal').loads(__import__('marshal').dumps((site,))) =="
            " (marker.to_bytes(8, __import__('sys').byteorder, signed=True),)",
            {{"site", site}, {"marker", marker}}));
}

TEST_CASE("markers in compiled code become sites, in nested code too") {
  Sites sites;
  const Ref rewrite = sites.rewrite();
  const std::string first = std::to_string(sites.add_site(rewrite, Event::after_int));
  const std::string second = std::to_string(sites.add_site(rewrite, Event::load_name));
  const Ref code = compiled("f(" + first + ")\ndef g():\n    return lambda: f(" + second + ")\n");
  site::patch_code(sites.state, code);
  CHECK(
      holds("{*map(str, sites)} == {\"<site of after_int in 'path'>\", \"<site of load_name in "
            "'path'>\"}",
            {{"sites", sites_in(code)}}));
  CHECK(sites.state.live_sites == 2);
  CHECK(text_of(rewrite_of(rewrite).filename) == "<file>");
}

TEST_CASE("code keeps its rewrite alive") {
  Sites sites;
  Ref rewrite = sites.rewrite();
  Ref code = compiled("f(" + std::to_string(sites.add_site(rewrite, Event::after_int)) + ")\n");
  site::patch_code(sites.state, code);
  rewrite = nullptr;
  CHECK(sites.state.live_rewrites == 1);
  code = nullptr;
  CHECK(sites.state.live_rewrites == 0);
}

TEST_CASE("other constants stay, and so do markers of no site") {
  Sites sites;
  Ref rewrite = sites.rewrite();
  const std::string gone = std::to_string(sites.add_site(rewrite, Event::after_int));
  rewrite = nullptr;
  const Ref code = compiled("f(" + gone + ", 1, 10 ** 30, 'a', -" + gone + ")\n");
  site::patch_code(sites.state, code);
  CHECK(PyList_GET_SIZE(sites_in(code).get()) == 0);
  CHECK(holds(gone + " in code.co_consts and 10 ** 30 in code.co_consts", {{"code", code}}));
}

TEST_CASE("a rewrite tells its nodes and sites") {
  Sites sites;
  const Ref rewrite = sites.rewrite_of_source("x\ny = 1\n");
  const std::int64_t marker = sites.add_site(rewrite, Event::init_module, rewrite_of(rewrite).tree);
  site::Site& made = rewrite_of(rewrite).sites.back();
  made.names = take(Py_BuildValue("(s)", "index"));
  made.values = take(Py_BuildValue("(i)", 3));
  sites.add_site(rewrite, Event::load_name);
  CHECK(
      holds("[type(node).__name__ for node in rewrite.nodes()] =="
            " ['Module', 'Expr', 'Name', 'Load', 'Assign', 'Name', 'Store', 'Constant']",
            {{"rewrite", rewrite}}));
  CHECK(holds("rewrite.sites()[0] == (marker, 'init_module', rewrite.tree, {'index': 3})",
              {{"rewrite", rewrite}, {"marker", take(PyLong_FromLongLong(marker))}}));
  CHECK(holds("rewrite.sites()[1][1:] == ('load_name', None, {}) and rewrite.site_count == 2",
              {{"rewrite", rewrite}}));
  CHECK(holds("rewrite.path == 'path' and rewrite.module_id == 7", {{"rewrite", rewrite}}));
  CHECK(text_of(rewrite) == "<rewrite of 'path': 2 sites>");
}

TEST_CASE("rewrites are made by the core only") {
  Sites sites;
  CHECK(error_of([&] { call(sites.state.rewrite_type); }).starts_with("TypeError"));
}

}  // namespace pyccolo::test
