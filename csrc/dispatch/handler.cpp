#include "dispatch/handler.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>

#include "compat/local_use.h"
#include "site/stored.hpp"

namespace pyccolo::dispatch {

namespace {

constexpr int kFullCount = 6;  // self, ret, node, frame, event, guard

std::string_view text_of(Borrowed name) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(name.get(), &size);
  if (text == nullptr) throw PyRaised{};
  return {text, static_cast<std::size_t>(size)};
}

std::optional<Source> standard(std::string_view name) {
  if (name.starts_with('_')) name.remove_prefix(1);
  if (name == "ret") return Source::Ret;
  if (name == "node") return Source::Node;
  if (name == "frame") return Source::Frame;
  if (name == "event") return Source::Event;
  if (name == "guard") return Source::Guard;
  return std::nullopt;
}

bool gives(Event event, std::string_view keyword) {
  std::istringstream words(info(event).keywords);
  for (std::string word; words >> word;) {
    if (word == keyword) return true;
  }
  return false;
}

struct Parameters {
  Ref function;
  Ref names;  ///< co_varnames
  int positional;
  int keyword_only;
  bool varargs;
  bool varkeywords;
  int required_positional;
  Ref keyword_defaults;

  Borrowed name(int i) const { return PyTuple_GET_ITEM(names.get(), i); }
  bool has_default(int keyword_index) const {
    return keyword_defaults && find_item(keyword_defaults, name(positional + keyword_index));
  }
};

Parameters parameters_of(Borrowed function) {
  auto* code = reinterpret_cast<PyCodeObject*>(PyFunction_GET_CODE(function.get()));
  Borrowed defaults = PyFunction_GET_DEFAULTS(function.get());
  const int default_count = defaults ? static_cast<int>(PyTuple_GET_SIZE(defaults.get())) : 0;
  return {Ref::borrow(function),
          get_attr(reinterpret_cast<PyObject*>(code), "co_varnames"),
          code->co_argcount,
          code->co_kwonlyargcount,
          (code->co_flags & CO_VARARGS) != 0,
          (code->co_flags & CO_VARKEYWORDS) != 0,
          code->co_argcount - default_count,
          Ref::borrow(PyFunction_GET_KW_DEFAULTS(function.get()))};
}

[[noreturn]] void refuse(const Parameters& its, Event event, Borrowed parameter) {
  const char* keywords = info(event).keywords;
  raise(PyExc_TypeError,
        "handler %R for %s: nothing to give its parameter %R; a handler takes ret, node, frame, "
        "event, guard%s%s, each by name, or (self, ret, *_, **__)",
        its.function.get(), info(event).name, parameter.get(), *keywords != '\0' ? ", " : "",
        keywords);
}

/// What a parameter is given by its name, or nothing.
std::optional<Argument> by_name(Event event, Borrowed name, bool standard_too) {
  const std::string_view text = text_of(name);
  if (gives(event, text)) return Argument{Source::Keyword, Ref::borrow(name)};
  if (!standard_too) return std::nullopt;
  if (const auto source = standard(text)) return Argument{*source, nullptr};
  return std::nullopt;
}

/// Six positional parameters by their usual names in an order of their own are meant by name.
bool is_in_order(const Parameters& its) {
  constexpr Source kOrder[] = {Source::Ret, Source::Node, Source::Frame, Source::Event,
                               Source::Guard};
  bool all_standard = true;
  bool same = true;
  for (int i = 1; i < kFullCount; ++i) {
    const auto source = standard(text_of(its.name(i)));
    all_standard = all_standard && source.has_value();
    same = same && source == kOrder[i - 1];
  }
  return !all_standard || same;
}

void read_named(const Parameters& its, Event event, bool standard_too, Signature& signature) {
  for (int i = 0; i < its.keyword_only; ++i) {
    Borrowed name = its.name(its.positional + i);
    auto argument = by_name(event, name, standard_too);
    if (argument) {
      if (!signature.all_keywords || argument->source != Source::Keyword) {
        signature.named.emplace_back(Ref::borrow(name), std::move(*argument));
      }
    } else if (!its.has_default(i)) {
      refuse(its, event, name);
    }
  }
}

Signature full_signature(const Parameters& its, Event event) {
  Signature signature;
  signature.full = true;
  signature.all_keywords = its.varkeywords;
  signature.guard_by_position =
      its.positional >= kFullCount && text_of(its.name(kFullCount - 1)) == "guard";
  if (its.required_positional > kFullCount) refuse(its, event, its.name(kFullCount));
  read_named(its, event, false, signature);
  return signature;
}

Signature named_signature(const Parameters& its, Event event) {
  Signature signature;
  signature.all_keywords = its.varkeywords;
  bool in_place = true;
  for (int i = 1; i < its.positional; ++i) {
    Borrowed name = its.name(i);
    auto argument = by_name(event, name, true);
    if (!argument) {
      if (i < its.required_positional) refuse(its, event, name);
      in_place = false;  // it keeps its default, and those after it are given by keyword
    } else if (in_place) {
      signature.positional.push_back(std::move(*argument));
    } else {
      signature.named.emplace_back(Ref::borrow(name), std::move(*argument));
    }
  }
  read_named(its, event, true, signature);
  return signature;
}

/// Could a function look at its arguments other than by their names?
bool may_look_around(PyCodeObject* code) {
  constexpr const char* kWays[] = {"locals", "vars",       "dir",      "eval",
                                   "exec",   "_getframe",  "f_locals", "currentframe",
                                   "stack",  "breakpoint", "set_trace"};
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_names); ++i) {
    for (const char* way : kWays) {
      if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(code->co_names, i), way) == 0)
        return true;
    }
  }
  return false;
}

/// (self, ret, *_, **__) that does nothing with `_` and `__`: what would go into them need not be made.
bool ignores_the_rest(const Parameters& its) {
  auto* code = reinterpret_cast<PyCodeObject*>(PyFunction_GET_CODE(its.function.get()));
  const int rest = its.positional + its.keyword_only;
  return its.varargs && its.positional > 0 && its.positional < kFullCount &&
         !may_look_around(code) && ok(PycCode_UsesLocal(code, rest)) == 0 &&
         (!its.varkeywords || ok(PycCode_UsesLocal(code, rest + 1)) == 0);
}

}  // namespace

bool Signature::uses(Source source) const {
  if (full) return true;
  for (const Argument& argument : positional) {
    if (argument.source == source) return true;
  }
  for (const auto& [name, argument] : named) {
    if (argument.source == source) return true;
  }
  return false;
}

bool Signature::uses_nodes() const {
  const auto is_node = [](const Argument& argument) {
    return argument.source == Source::Node ||
           (argument.source == Source::Keyword && site::is_node_id(argument.keyword));
  };
  return full || all_keywords || std::any_of(positional.begin(), positional.end(), is_node) ||
         std::any_of(named.begin(), named.end(),
                     [&](const auto& item) { return is_node(item.second); });
}

Signature read_signature(const ast::Names& names, Borrowed function, Event event) {
  // A wrapper that passes everything on is called as what it wraps.
  if (PyFunction_Check(function.get())) {
    const Parameters outer = parameters_of(function);
    if (outer.varargs && outer.varkeywords && outer.positional <= 1 && outer.keyword_only == 0) {
      Ref wrapped = Ref::steal(PyObject_GetAttrString(function.get(), "__wrapped__"));
      if (wrapped) return read_signature(names, wrapped, event);
      PyErr_Clear();
    }
  }
  if (!PyFunction_Check(function.get())) {
    Signature signature;
    signature.full = signature.all_keywords = true;
    return signature;
  }
  const Parameters its = parameters_of(function);
  if (its.positional == 0 && !its.varargs) {
    raise(PyExc_TypeError, "handler %R for %s takes no tracer: its first parameter is self",
          function.get(), info(event).name);
  }
  if (its.varargs || (its.positional >= kFullCount && is_in_order(its))) {
    return full_signature(its, event);
  }
  return named_signature(its, event);
}

Ref without_the_rest(Borrowed function) {
  if (!PyFunction_Check(function.get())) return nullptr;
  const Parameters its = parameters_of(function);
  if (!ignores_the_rest(its)) return nullptr;
  Borrowed code = PyFunction_GET_CODE(function.get());
  const int flags =
      reinterpret_cast<PyCodeObject*>(code.get())->co_flags & ~(CO_VARARGS | CO_VARKEYWORDS);
  Ref keywords = take(Py_BuildValue("{si}", "co_flags", flags));
  Ref nothing = take(PyTuple_New(0));
  Ref without = take(PyObject_Call(get_attr(code, "replace").get(), nothing.get(), keywords.get()));
  Ref made = take(PyFunction_New(without.get(), PyFunction_GET_GLOBALS(function.get())));
  if (PyObject* defaults = PyFunction_GET_DEFAULTS(function.get()))
    ok(PyFunction_SetDefaults(made.get(), defaults));
  if (PyObject* defaults = PyFunction_GET_KW_DEFAULTS(function.get()))
    ok(PyFunction_SetKwDefaults(made.get(), defaults));
  if (PyObject* closure = PyFunction_GET_CLOSURE(function.get()))
    ok(PyFunction_SetClosure(made.get(), closure));
  return made;
}

Signature signature_without_the_rest(Borrowed function, Event event) {
  constexpr Source kOrder[] = {Source::Ret, Source::Node, Source::Frame, Source::Event,
                               Source::Guard};
  const Parameters its = parameters_of(function);
  Signature signature;
  for (int i = 1; i < its.positional; ++i) {
    signature.positional.push_back(Argument{kOrder[i - 1], nullptr});
  }
  read_named(its, event, false, signature);
  return signature;
}

}  // namespace pyccolo::dispatch
