// codeobject/build.cpp: code objects, and what can be said of them before they are made.
#include <algorithm>
#include <climits>

#include "bytecode/assemble.hpp"
#include "bytecode/decode.hpp"
#include "bytecode/depth.hpp"
#include "bytecode/verify.hpp"
#include "codeobject/assembler.hpp"
#include "codeobject/code_type.hpp"
#include "codeobject/origin.hpp"
#include "compat/code.hpp"

namespace pyccolo::codeobject {

namespace {

using bytecode::Body;
using bytecode::Depths;
using bytecode::Error;
using bytecode::Op;
using bytecode::TryRange;
using bytecode::Version;

constexpr std::uint32_t kOptimized = 0x1;
constexpr std::uint32_t kNewLocals = 0x2;
constexpr std::uint32_t kNested = 0x10;
constexpr std::uint32_t kGenerator = 0x20;
constexpr std::uint32_t kCoroutine = 0x80;
constexpr std::uint32_t kAsyncGenerator = 0x200;
constexpr std::uint32_t kAnyGenerator = kGenerator | kCoroutine | kAsyncGenerator;

/// What a code object is made of.
struct Made {
  Ref code;
  Ref line_table;
  Ref exception_table;
  std::int32_t stacksize = 0;
  std::uint32_t flags = 0;
  Ref constants;
  Ref names;
  Ref locals;
  Ref cells;
  Ref frees;
};

Ref bytes_of(const std::vector<std::uint8_t>& bytes) {
  return take(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(bytes.data()),
                                        static_cast<Py_ssize_t>(bytes.size())));
}

std::uint32_t inferred_flags(const Body& body, const Pools& pools, std::uint32_t flags) {
  const bool returns_generator =
      std::any_of(body.instructions.begin(), body.instructions.end(),
                  [](const auto& instruction) { return instruction.op == Op::RETURN_GENERATOR; });
  if (!returns_generator) {
    flags &= ~kAnyGenerator;
  } else if ((flags & kAnyGenerator) == 0) {
    flags |= kGenerator;
  }
  return pools.free_count() > 0 ? flags | kNested : flags;
}

Depths depths_of(const Assembler& assembler, Body& body) {
  try {
    return bytecode::stack_depths(body);
  } catch (const Error& error) {
    assembler.raise_error(error);
  }
}

/// The depths are known: ranges that mean the same look the same.
void normalize(std::vector<TryRange>& ranges) {
  for (TryRange& range : ranges) {
    range.drop = 0;
    range.anchor = TryRange::kBegin;
  }
}

[[noreturn]] void raise_problems(State& state, const Assembler& assembler,
                                 const std::vector<bytecode::Problem>& problems) {
  Ref list = take(PyList_New(0));
  Ref message;
  for (const bytecode::Problem& problem : problems) {
    const Py_ssize_t item = assembler.item_index(problem.index);
    append(list, take(item == kNoItem ? Py_BuildValue("(Os)", Py_None, problem.reason.c_str())
                                      : Py_BuildValue("(ns)", item, problem.reason.c_str())));
    if (message) continue;
    Ref place = assembler.place_of(problem.index);
    message = take(PyUnicode_FromFormat("%U%s", place.get(), problem.reason.c_str()));
  }
  if (problems.size() > 1)
    message = take(PyUnicode_FromFormat("%U (and %zu more)", message.get(), problems.size() - 1));
  Borrowed first = PyTuple_GET_ITEM(PyList_GET_ITEM(list.get(), 0), 0);
  Ref error = call(state.verify_error_type, Borrowed(message), first, Borrowed(list));
  PyErr_SetObject(state.verify_error_type.get(), error.get());
  throw PyRaised{};
}

/// Takes over what the origin says the same: its bytes, as they were written, and its stack size.
bool reuse_origin(CodeObject* code, const Body& body, Made& made) {
  Written written = read_written(code->origin);
  if (written.first_line != fields_of(code).first_line) return false;
  const bytecode::Decoded before = bytecode::decode(code->version, written.encoded());
  if (before.body.instructions != body.instructions || before.body.ranges != body.ranges)
    return false;
  made.code = std::move(written.code);
  made.line_table = std::move(written.line_table);
  made.exception_table = std::move(written.exception_table);
  made.stacksize = written.stacksize;
  return true;
}

void check_stacksize(State& state, const Assembler& assembler, const Options& options,
                     std::int32_t needed) {
  if (options.stacksize >= 0 && options.stacksize < needed && options.verifies) {
    Ref place = assembler.place_of(Error::kNowhere);
    raise_at(state, kNoItem, "%Uthe stack needs a size of %d, not %d", place.get(),
             static_cast<int>(needed), static_cast<int>(options.stacksize));
  }
}

Ref build(State& state, CodeObject* code, const Options& options);

Made make(State& state, CodeObject* code, const Options& options) {
  const Fields& fields = fields_of(code);
  Assembler assembler(state, code, options, build);
  Body& body = assembler.body;
  Made made;
  made.flags =
      code->infers_flags ? inferred_flags(body, assembler.pools, fields.flags) : fields.flags;
  const Depths depths = depths_of(assembler, body);
  normalize(body.ranges);
  made.constants = assembler.pools.constants();
  made.names = assembler.pools.names();
  made.locals = assembler.pools.locals();
  made.cells = assembler.pools.cells();
  made.frees = assembler.pools.frees();
  if (options.verifies) {
    const bytecode::CodeFacts facts =
        assembler.pools.facts(made.flags, static_cast<std::uint32_t>(fields.argument_slots()));
    const std::vector<bytecode::Problem> problems = bytecode::verify(body, facts);
    if (!problems.empty()) raise_problems(state, assembler, problems);
  }
  const bool is_reused =
      options.reuses && code->origin != nullptr && reuse_origin(code, body, made);
  if (!is_reused) {
    try {
      const bytecode::Assembled assembled = bytecode::assemble(body, fields.first_line);
      made.code = bytes_of(assembled.code);
      made.line_table = bytes_of(assembled.line_table);
      made.exception_table = bytes_of(assembled.exception_table);
    } catch (const Error& error) {
      assembler.raise_error(error);
    }
    // The compilers since 3.13 ask for room for one value at least.
    made.stacksize =
        code->version >= Version::V313 ? std::max(depths.greatest, 1) : depths.greatest;
  }
  check_stacksize(state, assembler, options, depths.greatest);
  if (options.stacksize >= 0) made.stacksize = options.stacksize;
  return made;
}

bool same_items(Borrowed left, Borrowed right) {
  const Py_ssize_t count = PyTuple_GET_SIZE(left.get());
  if (count != PyTuple_GET_SIZE(right.get())) return false;
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (PyTuple_GET_ITEM(left.get(), i) != PyTuple_GET_ITEM(right.get(), i)) return false;
  }
  return true;
}

/// True if a code object made of this would say what the origin says.
bool is_origin(CodeObject* code, const Made& made) {
  const Fields before = read_fields(code->origin);
  const Written written = read_written(code->origin);
  const Fields& now = fields_of(code);
  auto same = [](const Ref& left, const Ref& right) {
    return left.is(right) || ok(PyObject_RichCompareBool(left.get(), right.get(), Py_EQ)) != 0;
  };
  return written.stacksize == made.stacksize && made.flags == before.flags &&
         now.first_line == before.first_line && now.arguments == before.arguments &&
         now.positional_only == before.positional_only && now.keyword_only == before.keyword_only &&
         same_items(made.constants, before.constants) && same(made.code, written.code) &&
         same(made.line_table, written.line_table) &&
         same(made.exception_table, written.exception_table) && same(now.name, before.name) &&
         same(now.qualname, before.qualname) && same(now.filename, before.filename) &&
         same(made.names, before.names) && same(made.locals, before.locals) &&
         same(made.cells, before.cells) && same(made.frees, before.frees);
}

Ref build(State& state, CodeObject* code, const Options& options) {
  check_editable(state, code);
  const bool has_origin = code->origin != nullptr && PyCode_Check(code->origin);
  const bool is_untouched = code->items == nullptr && code->fields == nullptr;
  if (has_origin && is_untouched && options.reuses && !options.is_compact && options.stacksize < 0)
    return Ref::borrow(code->origin);
  const RecursionScope scope(" while assembling nested code");
  const Made made = make(state, code, options);
  if (options.reuses && has_origin && is_origin(code, made)) return Ref::borrow(code->origin);
  const Fields& fields = fields_of(code);
  return compat::new_code({.arguments = fields.arguments,
                           .positional_only = fields.positional_only,
                           .keyword_only = fields.keyword_only,
                           .stacksize = made.stacksize,
                           .flags = static_cast<int>(made.flags),
                           .first_line = fields.first_line,
                           .code = made.code,
                           .constants = made.constants,
                           .names = made.names,
                           .locals = made.locals,
                           .frees = made.frees,
                           .cells = made.cells,
                           .filename = fields.filename,
                           .name = fields.name,
                           .qualname = fields.qualname,
                           .line_table = made.line_table,
                           .exception_table = made.exception_table});
}

Ref refuse_to_build(State& state, CodeObject* code, const Options&) {
  check_editable(state, code);
  return nullptr;
}

}  // namespace

PyObject* code_to_code(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    static const char* const kNames[] = {"stacksize", "compact", "verify", "reuse", nullptr};
    PyObject* stacksize = Py_None;
    int is_compact = 0;
    int verifies = 1;
    int reuses = 1;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|Oppp:to_code", const_cast<char**>(kNames),
                                     &stacksize, &is_compact, &verifies, &reuses))
      throw PyRaised{};
    Options options;
    if (stacksize != Py_None) {
      const long size = PyLong_AsLong(stacksize);
      if (size == -1 && PyErr_Occurred()) throw PyRaised{};
      if (size < 0 || size > INT_MAX / 16)
        raise(PyExc_ValueError, "a stack cannot have a size of %ld", size);
      options.stacksize = static_cast<std::int32_t>(size);
    }
    options.is_compact = is_compact != 0;
    options.verifies = verifies != 0;
    options.reuses = reuses != 0;
    const GcPause pause;
    return build(state_of(self), as_code(self), options);
  });
}

PyObject* code_assemble(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] {
    static const char* const kNames[] = {"compact", "verify", "reuse", nullptr};
    int is_compact = 0;
    int verifies = 1;
    int reuses = 1;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|ppp:assemble", const_cast<char**>(kNames),
                                     &is_compact, &verifies, &reuses))
      throw PyRaised{};
    State& state = state_of(self);
    CodeObject* code = as_code(self);
    Options options;
    options.is_compact = is_compact != 0;
    options.verifies = verifies != 0;
    options.reuses = reuses != 0;
    options.builds_nested = false;
    const Made made = make(state, code, options);
    const Fields& fields = fields_of(code);
    return take(Py_BuildValue(
        "{s:i,s:i,s:i,s:n,s:i,s:I,s:O,s:O,s:O,s:O,s:O,s:O,s:O,s:O,s:O,s:i,s:O,s:O}", "co_argcount",
        fields.arguments, "co_posonlyargcount", fields.positional_only, "co_kwonlyargcount",
        fields.keyword_only, "co_nlocals", PyTuple_GET_SIZE(made.locals.get()), "co_stacksize",
        made.stacksize, "co_flags", made.flags, "co_code", made.code.get(), "co_consts",
        made.constants.get(), "co_names", made.names.get(), "co_varnames", made.locals.get(),
        "co_cellvars", made.cells.get(), "co_freevars", made.frees.get(), "co_filename",
        fields.filename.get(), "co_name", fields.name.get(), "co_qualname", fields.qualname.get(),
        "co_firstlineno", fields.first_line, "co_linetable", made.line_table.get(),
        "co_exceptiontable", made.exception_table.get()));
  });
}

PyObject* code_stack_depths(PyObject* self, PyObject*) {
  return guarded_object([&] {
    Options options;
    options.builds_nested = false;
    Assembler assembler(state_of(self), as_code(self), options, refuse_to_build);
    const Depths depths = depths_of(assembler, assembler.body);
    const Py_ssize_t count = PyList_GET_SIZE(as_code(self)->items);
    Ref list = take(PyList_New(count));
    for (Py_ssize_t i = 0; i < count; ++i) PyList_SET_ITEM(list.get(), i, Py_NewRef(Py_None));
    for (std::size_t i = assembler.item_of.size(); i-- > 0;) {
      if (depths.before[i] == bytecode::kUnreached) continue;
      ok(PyList_SetItem(list.get(), static_cast<Py_ssize_t>(assembler.item_of[i]),
                        take(PyLong_FromLong(depths.before[i])).release()));
    }
    return list;
  });
}

PyObject* code_stacksize(PyObject* self, PyObject*) {
  return guarded_object([&] {
    Options options;
    options.builds_nested = false;
    Assembler assembler(state_of(self), as_code(self), options, refuse_to_build);
    return take(PyLong_FromLong(depths_of(assembler, assembler.body).greatest));
  });
}

PyObject* code_problems(PyObject* self, PyObject*) {
  return guarded_object([&] {
    CodeObject* code = as_code(self);
    Options options;
    options.builds_nested = false;
    Assembler assembler(state_of(self), code, options, refuse_to_build);
    const Fields& fields = fields_of(code);
    const std::uint32_t flags = code->infers_flags
                                    ? inferred_flags(assembler.body, assembler.pools, fields.flags)
                                    : fields.flags;
    Ref list = take(PyList_New(0));
    const bytecode::CodeFacts facts =
        assembler.pools.facts(flags, static_cast<std::uint32_t>(fields.argument_slots()));
    for (const bytecode::Problem& problem : bytecode::verify(assembler.body, facts)) {
      const Py_ssize_t item = assembler.item_index(problem.index);
      append(list, take(item == kNoItem ? Py_BuildValue("(Os)", Py_None, problem.reason.c_str())
                                        : Py_BuildValue("(ns)", item, problem.reason.c_str())));
    }
    return list;
  });
}

PyObject* code_infer_flags(PyObject* self, PyObject*) {
  return guarded_object([&] {
    Options options;
    options.builds_nested = false;
    Assembler assembler(state_of(self), as_code(self), options, refuse_to_build);
    const std::uint32_t flags = fields_of(as_code(self)).flags;
    const std::uint32_t scope = (flags & kNewLocals) != 0 ? flags | kOptimized : flags;
    return take(PyLong_FromUnsignedLong(inferred_flags(assembler.body, assembler.pools, scope)));
  });
}

}  // namespace pyccolo::codeobject
