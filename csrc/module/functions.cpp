#include "module/functions.hpp"

#include <algorithm>
#include <cstdio>

#include "ast/node.hpp"
#include "compat/frame.h"
#include "compat/recursion.hpp"
#include "dispatch/counter.hpp"
#include "dispatch/fire.hpp"
#include "rewrite/rewriter.hpp"
#include "site/stored.hpp"
#include "site/types.hpp"

namespace pyccolo::module {

namespace {

using ast::Kind;

// ---- start-up

Ref event_row_tuple(const EventInfo& event) {
  constexpr const char* kOrigins[] = {"Ast", "Import", "Sys", "Profile"};
  constexpr const char* kShapes[] = {"Value",     "Notice",    "Stmt",      "Thunk",
                                     "Operation", "Subscript", "SavedSlice"};
  Ref words = take(PyUnicode_FromString(event.keywords));
  Ref list = take(PyUnicode_Split(words.get(), nullptr, -1));
  Ref keywords = take(PyList_AsTuple(list.get()));
  return take(Py_BuildValue("(sssssO)", event.name, event.value, kOrigins[int(event.origin)],
                            kShapes[int(event.shape)], event.alias, keywords.get()));
}

PyObject* event_table(PyObject*, PyObject*) {
  return guarded_object([&] {
    Ref rows = list_of({});
    for (const EventInfo& event : kEvents) append(rows, event_row_tuple(event));
    return rows;
  });
}

PyObject* configure(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    PyObject *events, *true_predicate, *predicate_type, *base_class, *guards, *local_guards,
        *tables, *hooks, *current_module;
    static const char* names[] = {
        "events",       "spec_true_predicate", "predicate_type", "base_class",     "guards",
        "local_guards", "node_tables",         "tracing_hooks",  "current_module", nullptr};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "$OOOOOOO!OO:configure",
                                     const_cast<char**>(names), &events, &true_predicate,
                                     &predicate_type, &base_class, &guards, &local_guards,
                                     &PyDict_Type, &tables, &hooks, &current_module)) {
      throw PyRaised{};
    }
    Owned& owned = owned_by(self);
    dispatch::DispatchState& dispatching = owned.dispatch;
    Ref members = take(PySequence_List(events));
    if (PyList_GET_SIZE(members.get()) != static_cast<Py_ssize_t>(kEventCount)) {
      raise(PyExc_ValueError, "configure: %zd events given, the table has %zu",
            PyList_GET_SIZE(members.get()), kEventCount);
    }
    Ref index = take(PyDict_New());
    for (std::size_t i = 0; i < kEventCount; ++i) {
      Borrowed member = PyList_GET_ITEM(members.get(), static_cast<Py_ssize_t>(i));
      Ref value = intern(kEvents[i].value);
      Ref row = take(PyLong_FromSize_t(i));
      set_item(index, member, row);
      set_item(index, value, row);
      dispatching.events[i] = Ref::borrow(member);
      dispatching.event_values[i] = std::move(value);
    }
    dispatching.event_index = index.copy();
    dispatching.true_predicate = Ref::borrow(true_predicate);
    dispatching.base_class = Ref::borrow(base_class);
    dispatching.hooks = Ref::borrow(hooks);
    dispatching.node_by_id = Ref::borrow(PyDict_GetItemString(tables, "ast_node_by_id"));
    owned.sites.guards = Ref::borrow(guards);
    owned.sites.set_tables(tables);
    owned.plan_types.event_index = std::move(index);
    owned.plan_types.true_predicate = Ref::borrow(true_predicate);
    owned.plan_types.predicate_type = Ref::borrow(predicate_type);
    owned.sites.local_guards = Ref::borrow(local_guards);
    owned.current_module = Ref::borrow(current_module);
    dispatching.invalidate();
    return none();
  });
}

// ---- trees

Ref id_or_given(Borrowed tree, PyObject* module_id) {
  return Borrowed(module_id).is_none() ? id_of(tree) : Ref::borrow(module_id);
}

PyObject* rewrite_tree(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    PyObject *tree, *tracers, *path, *module_id, *all = Py_None, *transformed = Py_None;
    int bookkeeping = 1;
    static const char* names[] = {"tree",        "tracers",     "path",        "module_id",
                                  "all_tracers", "bookkeeping", "transformed", nullptr};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOOO|$OpO:rewrite", const_cast<char**>(names),
                                     &tree, &tracers, &path, &module_id, &all, &bookkeeping,
                                     &transformed)) {
      throw PyRaised{};
    }
    Owned& owned = owned_by(self);
    const GcPause pause;
    const compat::DeepTrees deep;
    const rewrite::Plan plan(owned.ast, owned.plan_types, tracers,
                             Borrowed(all).is_none() ? tracers : all);
    Ref object = owned.sites.make_rewrite(tree, path, id_or_given(tree, module_id));
    auto* rewritten = reinterpret_cast<site::RewriteObject*>(object.get());
    Ref module;
    if (owned.current_module) module = take(PySequence_GetItem(owned.current_module.get(), 0));
    if (module.is(Py_None)) module = nullptr;
    rewrite::Rewriter rewriter(owned.sites, &plan, rewritten, module, owned.sites.local_guards);
    if (!Py_IsNone(transformed)) {
      rewriter.use_transformed(transformed);
      rewritten->rewrite->transformed = Ref::borrow(transformed);
      tree = PyTuple_GET_ITEM(transformed, 0);
    }
    owned.sites.list_rows(rewritten);  // predicates may look
    Ref woven = rewriter.tree(tree);
    if (bookkeeping == 0) owned.sites.drop_rows(*rewritten->rewrite);
    return take(PyTuple_Pack(2, woven.get(), object.get()));
  });
}

PyObject* annotate(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *tree, *path, *module_id;
    if (!PyArg_ParseTuple(args, "OOO:annotate", &tree, &path, &module_id)) throw PyRaised{};
    Owned& owned = owned_by(self);
    Ref object = owned.sites.make_rewrite(tree, path, id_or_given(tree, module_id));
    owned.sites.list_rows(reinterpret_cast<site::RewriteObject*>(object.get()));
    return object;
  });
}

/// The interpreter words some faults of a file's bytes otherwise than those of source in memory, and only compiles a file to
/// run it: what does compile finds no builtins.
PyObject* check_file(PyObject*, PyObject* path) {
  return guarded_object([&] {
    PyObject* bytes = nullptr;
    if (!PyUnicode_FSConverter(path, &bytes)) throw PyRaised{};
    const Ref name = Ref::steal(bytes);
    std::FILE* file = std::fopen(PyBytes_AS_STRING(bytes), "rb");
    if (file == nullptr) {
      PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
      throw PyRaised{};
    }
    Ref globals = take(PyDict_New());
    ok(PyDict_SetItemString(globals.get(), "__builtins__", take(PyDict_New()).get()));
    constexpr int kClose = 1;
    take(PyRun_FileExFlags(file, PyBytes_AS_STRING(bytes), Py_file_input, globals.get(),
                           globals.get(), kClose, nullptr));
    return none();
  });
}

Borrowed builtin_compile(Owned& owned) {
  if (!owned.compile) owned.compile = get_attr(take(PyImport_ImportModule("builtins")), "compile");
  return owned.compile;
}

Ref compile_tree(Owned& owned, Borrowed tree, Borrowed filename, const char* mode, int flags,
                 int dont_inherit, int optimize) {
  const GcPause pause;
  const compat::DeepTrees deep;
  Ref code = take(PyObject_CallFunction(builtin_compile(owned).get(), "OOsiii", tree.get(),
                                        filename.get(), mode, flags, dont_inherit, optimize));
  if (PyCode_Check(code.get())) site::patch_code(owned.sites, code);
  return code;
}

PyObject* compile(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    PyObject *tree, *filename;
    const char* mode;
    int flags = 0;
    int dont_inherit = 1;
    int optimize = -1;
    static const char* names[] = {"tree",         "filename", "mode", "flags",
                                  "dont_inherit", "optimize", nullptr};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OOs|ipi:compile", const_cast<char**>(names),
                                     &tree, &filename, &mode, &flags, &dont_inherit, &optimize)) {
      throw PyRaised{};
    }
    return compile_tree(owned_by(self), tree, filename, mode, flags, dont_inherit, optimize);
  });
}

PyObject* parse(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    PyObject* source;
    PyObject* filename = nullptr;
    const char* mode = "exec";
    static const char* names[] = {"source", "filename", "mode", nullptr};
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|Os:parse", const_cast<char**>(names),
                                     &source, &filename, &mode)) {
      throw PyRaised{};
    }
    const GcPause pause;
    Ref unknown = take(PyUnicode_FromString("<unknown>"));
    return take(PyObject_CallFunction(builtin_compile(owned_by(self)).get(), "OOsii", source,
                                      filename != nullptr ? filename : unknown.get(), mode,
                                      PyCF_ONLY_AST, 1));
  });
}

Ref first_code_of(Borrowed code) {
  PyObject* consts = reinterpret_cast<PyCodeObject*>(code.get())->co_consts;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); ++i) {
    if (PyCode_Check(PyTuple_GET_ITEM(consts, i))) return Ref::borrow(PyTuple_GET_ITEM(consts, i));
  }
  raise(PyExc_SystemError, "sandbox_function: no code was compiled");
}

/// def _X5ix_pyccolo_sandbox(*, names…, **__): <body>; return locals()
PyObject* sandbox_function(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *tree, *variables, *filename;
    if (!PyArg_ParseTuple(args, "OO!O:sandbox_function", &tree, &PyList_Type, &variables,
                          &filename)) {
      throw PyRaised{};
    }
    Owned& owned = owned_by(self);
    ast::AstState& state = owned.ast;
    const ast::Names& n = state.names;
    const GcPause pause;
    Borrowed body = ast::required(tree, n.body);
    Ref statements = take(PySequence_List(body.get()));
    const Py_ssize_t size = PyList_GET_SIZE(statements.get());
    ast::Location at;
    if (size > 0) at = ast::Location::of(state, PyList_GET_ITEM(statements.get(), 0));
    Ref one = take(PyLong_FromLong(1));
    Ref zero = take(PyLong_FromLong(0));
    if (!at) at = {one, zero, one, zero};
    ast::Location end = at;
    if (size > 0) end = ast::Location::of(state, PyList_GET_ITEM(statements.get(), size - 1));
    if (!end) end = at;

    ast::Made give(state, Kind::Return, end);
    give.set(n.value,
             ast::make_call(state, ast::make_name(state, n.locals_, end), list_of({}), end));
    append(statements, std::move(give).done());

    auto parameter = [&](Borrowed name) {
      ast::Made made(state, Kind::arg, at);
      made.set(n.arg, name);
      return std::move(made).done();
    };
    Ref keyword_only = list_of({});
    Ref defaults = list_of({});
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(variables); ++i) {
      append(keyword_only, parameter(PyList_GET_ITEM(variables, i)));
      append(defaults, Py_None);
    }
    ast::Made parameters(state, Kind::arguments, {});
    parameters.set(n.posonlyargs, list_of({}))
        .set(n.args, list_of({}))
        .set(n.defaults, list_of({}));
    parameters.set(n.kwonlyargs, keyword_only).set(n.kw_defaults, defaults);
    parameters.set(n.kwarg, parameter(n.dunder));

    ast::Made function(state, Kind::FunctionDef, at);
    function.set(n.name, n.sandbox)
        .set(n.args, std::move(parameters).done())
        .set(n.body, statements);
    function.set(n.decorator_list, list_of({})).set(n.type_params, list_of({}));
    ast::Made module(state, Kind::Module, {});
    module.set(n.body, list_of({std::move(function).done().release()}))
        .set(n.type_ignores, list_of({}));
    Ref code = compile_tree(owned, std::move(module).done(), filename, "exec", 0, 1, -1);
    return first_code_of(code);
  });
}

// ---- storing

PyObject* store(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *rewrite, *code;
    Owned& owned = owned_by(self);
    if (!PyArg_ParseTuple(args, "O!O!:store", owned.sites.rewrite_type.get(), &rewrite,
                          &PyCode_Type, &code)) {
      throw PyRaised{};
    }
    return site::store(owned.sites, rewrite, code);
  });
}

PyObject* restore(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *source, *path;
    Py_buffer stored;
    int bookkeeping = 0;
    if (!PyArg_ParseTuple(args, "y*OUp:restore", &stored, &source, &path, &bookkeeping))
      throw PyRaised{};
    if (!PyBytes_Check(source) && PyCallable_Check(source) == 0)
      raise(PyExc_TypeError, "restore() takes bytes or a callable as source, not %.200s",
            Py_TYPE(source)->tp_name);
    const std::unique_ptr<Py_buffer, decltype(&PyBuffer_Release)> held(&stored, PyBuffer_Release);
    const std::string_view bytes(static_cast<const char*>(stored.buf),
                                 static_cast<std::size_t>(stored.len));
    return site::restore(owned_by(self).sites, bytes, {source, path, bookkeeping != 0});
  });
}

PyObject* guard_name(PyObject* self, PyObject* node_id) {
  return guarded_object([&] {
    const std::size_t id = size_from(node_id);
    Borrowed stored = owned_by(self).sites.find_guard(id);
    return stored ? Ref::borrow(stored) : site::SiteState::guard_name(id);
  });
}

/// The name of the event that a marker stands for; None for any other constant.
PyObject* event_of(PyObject* self, PyObject* constant) {
  return guarded_object([&] {
    if (!PyLong_CheckExact(constant)) return none();
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(constant, &overflow);
    if (overflow != 0) return none();
    const auto marker = Marker::decode(value);
    if (!marker) return none();
    const site::RewriteObject* owner = owned_by(self).sites.find(marker->rewrite);
    if (owner == nullptr || marker->index >= owner->rewrite->sites.size()) return none();
    return intern(info(owner->rewrite->sites[marker->index].event).name);
  });
}

// ---- keeping

PyObject* keep(PyObject* self, PyObject* rewrite) {
  return guarded_object([&] {
    if (Py_TYPE(rewrite) !=
        reinterpret_cast<PyTypeObject*>(owned_by(self).sites.rewrite_type.get())) {
      raise(PyExc_TypeError, "keep() takes a Rewrite, not %.200s", Py_TYPE(rewrite)->tp_name);
    }
    owned_by(self).sites.keep(rewrite);
    return none();
  });
}

PyObject* release(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject* path;
    PyObject* rewrite = Py_None;
    if (!PyArg_ParseTuple(args, "O|O:release", &path, &rewrite)) throw PyRaised{};
    owned_by(self).sites.release(path, Borrowed(rewrite).is_none() ? Borrowed() : rewrite);
    return none();
  });
}

PyObject* kept(PyObject* self, PyObject* path) {
  return guarded_object([&] {
    Borrowed found = owned_by(self).sites.kept(path);
    return found ? Ref::borrow(found) : none();
  });
}

PyObject* reset_bookkeeping(PyObject* self, PyObject*) {
  return guarded_object([&] {
    owned_by(self).sites.reset_bookkeeping();
    return none();
  });
}

// ---- dispatch

PyObject* file_passes(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *tracer, *filename;
    dispatch::DispatchState& state = owned_by(self).dispatch;
    if (!PyArg_ParseTuple(args, "O!O:file_passes", state.tracer_type.get(), &tracer, &filename))
      throw PyRaised{};
    return boolean(state.file_passes(tracer, filename));
  });
}

PyObject* grant(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    Owned& owned = owned_by(self);
    PyObject *rewrite, *tracers;
    auto* type = reinterpret_cast<PyTypeObject*>(owned.sites.rewrite_type.get());
    if (!PyArg_ParseTuple(args, "O!O!:grant", type, &rewrite, &PyTuple_Type, &tracers))
      throw PyRaised{};
    auto& granted = site::rewrite_of(rewrite).granted;
    if (!granted) granted = std::make_shared<site::Rewrite::Granted>();
    granted->clear();
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tracers); ++i) {
      granted->push_back(PyTuple_GET_ITEM(tracers, i));
    }
    owned.dispatch.refilter();
    return none();
  });
}

PyObject* in_main_thread(PyObject* self, PyObject*) {
  return guarded_object([&] { return boolean(owned_by(self).dispatch.thread().is_main); });
}

PyObject* allow_reentrant_handling(PyObject* self, PyObject* begins) {
  return guarded_object([&] {
    int& asking = owned_by(self).dispatch.thread().allow_reentrant;
    asking = std::max(0, asking + (is_true(begins) ? 1 : -1));
    return none();
  });
}

PyObject* check_handler(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *function, *events;
    if (!PyArg_ParseTuple(args, "OO:check_handler", &function, &events)) throw PyRaised{};
    dispatch::DispatchState& state = owned_by(self).dispatch;
    if (dispatch::is_count(state, function)) return none();
    if (PyCallable_Check(function) == 0)
      raise(PyExc_TypeError, "a handler must be callable, not %R", function);
    Ref iterator = take(PyObject_GetIter(events));
    while (Ref event = Ref::steal(PyIter_Next(iterator.get()))) {
      dispatch::read_signature(state.names, function, state.event_of(event));
    }
    if (PyErr_Occurred()) throw PyRaised{};
    return none();
  });
}

PyObject* invalidate(PyObject* self, PyObject*) {
  return guarded_object([&] {
    owned_by(self).dispatch.invalidate();
    owned_by(self).dispatch.settle_hooks();
    return none();
  });
}

PyObject* report(PyObject*, PyObject* args) {
  return guarded_object([&] {
    PyObject *exception, *object;
    if (!PyArg_ParseTuple(args, "O!O:report", PyExc_BaseException, &exception, &object))
      throw PyRaised{};
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception)), exception);
    PyErr_WriteUnraisable(object);
    return none();
  });
}

PyObject* after_fork(PyObject* self, PyObject*) {
  return guarded_object([&] {
    owned_by(self).dispatch.after_fork();
    return none();
  });
}

/// The interpreter ends: tracers that were never left let go of the program's objects, so that they are finalized.
PyObject* shutdown(PyObject* self, PyObject*) {
  return guarded_object([&] {
    dispatch::DispatchState& state = owned_by(self).dispatch;
    ok(PyList_SetSlice(state.stack.get(), 0, PY_SSIZE_T_MAX, nullptr));
    state.drop_plan();
    state.update_flags();
    owned_by(self).hooks->shutdown();
    return none();
  });
}

PyObject* live_objects(PyObject* self, PyObject*) {
  return guarded_object([&] {
    const site::SiteState& sites = owned_by(self).sites;
    return take(Py_BuildValue("{snsn}", "rewrites", Py_ssize_t(sites.live_rewrites), "sites",
                              Py_ssize_t(sites.live_sites)));
  });
}

PyObject* filter_error(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *tracer, *hook, *file, *exception;
    dispatch::DispatchState& state = owned_by(self).dispatch;
    if (!PyArg_ParseTuple(args, "O!UOO:filter_error", state.tracer_type.get(), &tracer, &hook,
                          &file, &exception)) {
      throw PyRaised{};
    }
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception)), exception);
    dispatch::settle_filter_error(tracer, hook, file);
    return none();
  });
}

/// What a variable is bound to in a frame; null if it is not, or if it is a global one.
Ref local_of(PyFrameObject* frame, Borrowed space, Borrowed name) {
  if (space) {
    Ref found = Ref::steal(PyObject_GetItem(space.get(), name.get()));
    if (found) return found;
    if (PyErr_ExceptionMatches(PyExc_KeyError) == 0) throw PyRaised{};
    PyErr_Clear();
  }
  int is_cell = 0;
  Ref found = Ref::steal(PycFrame_Variable(frame, name.get(), &is_cell));
  return is_cell != 0 ? Ref::steal(PyCell_Get(found.get())) : std::move(found);
}

PyObject* frame_locals(PyObject*, PyObject* args) {
  return guarded_object([&] {
    PyObject *object, *names;
    if (!PyArg_ParseTuple(args, "O!O:frame_locals", &PyFrame_Type, &object, &names))
      throw PyRaised{};
    auto* frame = reinterpret_cast<PyFrameObject*>(object);
    Borrowed space = PycFrame_Namespace(frame);
    Ref globals = take(PyFrame_GetGlobals(frame));
    if (space && space.is(globals)) space = Borrowed();
    const Ref owned = Ref::borrow(space);
    Ref found = take(PyDict_New());
    Ref wanted = take(PySequence_Tuple(names));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(wanted.get()); ++i) {
      Borrowed name = PyTuple_GET_ITEM(wanted.get(), i);
      if (!PyUnicode_Check(name.get()))
        raise(PyExc_TypeError, "frame_locals() takes names, not %R", name.get());
      if (Ref value = local_of(frame, space, name))
        ok(PyDict_SetItem(found.get(), name.get(), value.get()));
    }
    return found;
  });
}

PyCFunction with_keywords(PyCFunctionWithKeywords function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

}  // namespace

PyMethodDef functions[] = {
    {"event_table", event_table, METH_NOARGS, "The rows of events.def."},
    {"configure", with_keywords(configure), METH_VARARGS | METH_KEYWORDS,
     "Tells the core of the package."},
    {"rewrite", with_keywords(rewrite_tree), METH_VARARGS | METH_KEYWORDS, "(woven tree, Rewrite)"},
    {"annotate", annotate, METH_VARARGS, "A Rewrite of a tree without events."},
    {"compile", with_keywords(compile), METH_VARARGS | METH_KEYWORDS, "compile() with sites."},
    {"parse", with_keywords(parse), METH_VARARGS | METH_KEYWORDS,
     "ast.parse with the cyclic GC paused."},
    {"check_file", check_file, METH_O, "Raises what is wrong with a source file."},
    {"sandbox_function", sandbox_function, METH_VARARGS, "Code of the function exec() runs."},
    {"store", store, METH_VARARGS, "Woven code and its sites as bytes."},
    {"restore", restore, METH_VARARGS, "(code, Rewrite) of what store() gave."},
    {"guard_name", guard_name, METH_O, "The name of the guard of the node with an id."},
    {"event_of", event_of, METH_O, "The name of the event of a marker in a woven tree."},
    {"keep", keep, METH_O, "Registers a Rewrite under its path."},
    {"release", release, METH_VARARGS, "Drops what keep() registered."},
    {"kept", kept, METH_O, "The Rewrite kept for a path, or None."},
    {"reset_bookkeeping", reset_bookkeeping, METH_NOARGS, "Empties the node tables."},
    {"file_passes", file_passes, METH_VARARGS, "Does a tracer want a file?"},
    {"in_main_thread", in_main_thread, METH_NOARGS, "Is this the program's first thread?"},
    {"allow_reentrant_handling", allow_reentrant_handling, METH_O,
     "Begins (True) or ends (False) a block in this thread."},
    {"grant", grant, METH_VARARGS, "Gives a Rewrite's events to tracers, whatever they filter."},
    {"check_handler", check_handler, METH_VARARGS,
     "TypeError if a handler cannot take its events."},
    {"invalidate", invalidate, METH_NOARGS, "Handlers or filters changed unseen."},
    {"frame_locals", frame_locals, METH_VARARGS, "What local variables of a frame are bound to."},
    {"report", report, METH_VARARGS, "Shows what an object raised, by sys.unraisablehook."},
    {"after_fork", after_fork, METH_NOARGS, "Called in a forked child."},
    {"shutdown", shutdown, METH_NOARGS, "Called when the interpreter ends."},
    {"filter_error", filter_error, METH_VARARGS, "Tells of what a tracer's filter raised."},
    {"live_objects", live_objects, METH_NOARGS, "How many rewrites and sites are alive."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace pyccolo::module
