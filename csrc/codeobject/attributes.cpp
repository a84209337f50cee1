// codeobject/attributes.cpp: the attributes of a Code.
#include <climits>

#include "codeobject/code_type.hpp"
#include "codeobject/operand.hpp"

namespace pyccolo::codeobject {

namespace {

constexpr std::uint32_t kOptimized = 0x1;
constexpr std::uint32_t kNewLocals = 0x2;
constexpr std::uint32_t kVarArgs = 0x4;
constexpr std::uint32_t kVarKeywords = 0x8;
constexpr std::uint32_t kHasDocstring = 0x4000000;

Fields& fields(PyObject* self) { return fields_of(as_code(self)); }

/// Runs `set(fields, value)`, for attributes that cannot be deleted.
template <typename Set>
int setting(PyObject* self, PyObject* value, Set&& set) {
  return guarded_status([&] {
    if (value == nullptr) raise(PyExc_TypeError, "an attribute of a Code cannot be deleted");
    check_editable(state_of(self), as_code(self));
    set(fields(self), value);
  });
}

Ref text_from(PyObject* value) {
  if (!PyUnicode_Check(value))
    raise(PyExc_TypeError, "a str is wanted, not %.200s", Py_TYPE(value)->tp_name);
  return Ref::borrow(value);
}

std::int32_t int_from(PyObject* value) {
  const long number = PyLong_AsLong(value);
  if (number == -1 && PyErr_Occurred()) throw PyRaised{};
  if (number < 0 || number > INT_MAX)
    raise(PyExc_ValueError, "a number from 0 to %d is wanted, not %ld", INT_MAX, number);
  return static_cast<std::int32_t>(number);
}

Ref names_from(PyObject* value) {
  if (PyUnicode_Check(value)) raise(PyExc_TypeError, "a sequence of names is wanted, not a str");
  Ref given = take(PySequence_Tuple(value));
  Ref names = take(PyTuple_New(PyTuple_GET_SIZE(given.get())));
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(given.get()); ++i) {
    Ref name = text_from(PyTuple_GET_ITEM(given.get(), i));
    PyObject* plain = take(PyUnicode_FromObject(name.get())).release();
    PyUnicode_InternInPlace(&plain);
    PyTuple_SET_ITEM(names.get(), i, plain);
    for (Py_ssize_t k = 0; k < i; ++k) {
      if (PyTuple_GET_ITEM(names.get(), k) == plain)
        raise(PyExc_ValueError, "the name %R is given twice", plain);
    }
  }
  return names;
}

template <Ref Fields::*kMember>
PyObject* get_ref(PyObject* self, void*) {
  return guarded_object([&] { return (fields(self).*kMember).copy(); });
}
template <Ref Fields::*kMember>
int set_text(PyObject* self, PyObject* value, void*) {
  return setting(self, value, [](Fields& all, PyObject* text) { all.*kMember = text_from(text); });
}
template <Ref Fields::*kMember>
int set_names(PyObject* self, PyObject* value, void*) {
  return setting(self, value,
                 [](Fields& all, PyObject* names) { all.*kMember = names_from(names); });
}
template <std::int32_t Fields::*kMember>
PyObject* get_int(PyObject* self, void*) {
  return guarded_object([&] { return take(PyLong_FromLong(fields(self).*kMember)); });
}
template <std::int32_t Fields::*kMember>
int set_int(PyObject* self, PyObject* value, void*) {
  return setting(self, value,
                 [](Fields& all, PyObject* number) { all.*kMember = int_from(number); });
}

template <std::uint32_t kBits>
PyObject* get_flag(PyObject* self, void*) {
  return guarded_object([&] { return boolean((fields(self).flags & kBits) == kBits); });
}
template <std::uint32_t kBits>
int set_flag(PyObject* self, PyObject* value, void*) {
  return setting(self, value, [](Fields& all, PyObject* flag) {
    all.flags = is_true(flag) ? all.flags | kBits : all.flags & ~kBits;
  });
}

PyObject* get_flags(PyObject* self, void*) {
  return guarded_object([&] { return take(PyLong_FromUnsignedLong(fields(self).flags)); });
}
int set_flags(PyObject* self, PyObject* value, void*) {
  return setting(self, value, [&](Fields& all, PyObject* flags) {
    all.flags = static_cast<std::uint32_t>(int_from(flags));
    as_code(self)->infers_flags = false;
  });
}

PyObject* get_args(PyObject* self, void*) {
  return guarded_object([&] {
    const Fields& all = fields(self);
    return take(PyTuple_GetSlice(all.locals.get(), 0, all.argument_slots()));
  });
}
/// The names of the arguments; how many of them are what, the numbers and flags say. Other locals stay behind them.
int set_args(PyObject* self, PyObject* value, void*) {
  return setting(self, value, [](Fields& all, PyObject* names) {
    Ref given = names_from(names);
    const std::int64_t others = all.argument_slots() - all.arguments;
    const Py_ssize_t count = PyTuple_GET_SIZE(given.get());
    if (count < others)
      raise(PyExc_ValueError, "%zd names of arguments for %d that are keyword-only, * or **", count,
            static_cast<int>(others));
    Ref locals = take(PySequence_List(given.get()));
    const Py_ssize_t before = all.argument_slots();
    for (Py_ssize_t i = before; i < PyTuple_GET_SIZE(all.locals.get()); ++i) {
      Borrowed local = PyTuple_GET_ITEM(all.locals.get(), i);
      if (ok(PySequence_Contains(given.get(), local.get())) == 0) append(locals, local);
    }
    all.locals = take(PyList_AsTuple(locals.get()));
    all.arguments = static_cast<std::int32_t>(count - others);
  });
}

bool is_function(const Fields& all) { return (all.flags & kOptimized) != 0; }

PyObject* get_docstring(PyObject* self, void*) {
  return guarded_object([&] {
    const Fields& all = fields(self);
    const bool has_flag = (all.flags & kHasDocstring) != 0;
    const bool may_have =
        as_code(self)->version >= bytecode::Version::V314 ? has_flag : is_function(all);
    if (!may_have || PyTuple_GET_SIZE(all.constants.get()) == 0) return none();
    Borrowed first = PyTuple_GET_ITEM(all.constants.get(), 0);
    return PyUnicode_Check(first.get()) ? Ref::borrow(first) : none();
  });
}

/// The docstring of a function is its first constant, if that is a str (since 3.14: if a flag says so).
int set_docstring(PyObject* self, PyObject* value, void*) {
  return setting(self, value, [&](Fields& all, PyObject* text) {
    if (text != Py_None) text_from(text);
    Ref now = take(get_docstring(self, nullptr));
    const bool had = !now.is(Py_None);
    if (!had && text == Py_None) return;
    if (!is_function(all))
      raise(PyExc_ValueError, "only the code of a function has a docstring of its own");
    const bool is_flagged = as_code(self)->version >= bytecode::Version::V314;
    Ref constants = take(PySequence_List(all.constants.get()));
    if (had && (text != Py_None || !is_flagged)) {
      ok(PyList_SetItem(constants.get(), 0, Py_NewRef(text)));
    } else if (had) {
      ok(PyList_SetSlice(constants.get(), 0, 1, nullptr));
    } else {
      ok(PyList_Insert(constants.get(), 0, text));
    }
    all.constants = take(PyList_AsTuple(constants.get()));
    if (is_flagged)
      all.flags = text == Py_None ? all.flags & ~kHasDocstring : all.flags | kHasDocstring;
  });
}

int set_constants(PyObject* self, PyObject* value, void*) {
  return setting(self, value, [](Fields& all, PyObject* items) {
    all.constants = take(PySequence_Tuple(items));
  });
}
int set_locals(PyObject* self, PyObject* value, void*) {
  return setting(self, value, [](Fields& all, PyObject* items) {
    Ref names = names_from(items);
    if (PyTuple_GET_SIZE(names.get()) < all.argument_slots())
      raise(PyExc_ValueError, "the local variables begin with the arguments, of which there are %d",
            static_cast<int>(all.argument_slots()));
    all.locals = std::move(names);
  });
}

PyObject* get_version(PyObject* self, void*) {
  return Py_BuildValue("(ii)", 3, minor_of(as_code(self)->version));
}
PyObject* get_origin(PyObject* self, void*) {
  PyObject* origin = as_code(self)->origin;
  return Py_NewRef(origin == nullptr ? Py_None : origin);
}
PyObject* get_is_read(PyObject* self, void*) {
  return PyBool_FromLong(as_code(self)->items != nullptr);
}

}  // namespace

PyGetSetDef code_attributes[] = {
    {"args", get_args, set_args, "the names of the arguments, * and ** last", nullptr},
    {"argcount", get_int<&Fields::arguments>, set_int<&Fields::arguments>,
     "how many of them may be given by position", nullptr},
    {"posonly", get_int<&Fields::positional_only>, set_int<&Fields::positional_only>,
     "how many only by position", nullptr},
    {"kwonly", get_int<&Fields::keyword_only>, set_int<&Fields::keyword_only>,
     "how many only by name", nullptr},
    {"varargs", get_flag<kVarArgs>, set_flag<kVarArgs>, "there is a *args", nullptr},
    {"varkwargs", get_flag<kVarKeywords>, set_flag<kVarKeywords>, "there is a **kwargs", nullptr},
    {"newlocals", get_flag<kNewLocals>, set_flag<kNewLocals | kOptimized>,
     "it is a function's: a call has variables of its own", nullptr},
    {"flags", get_flags, set_flags, "co_flags", nullptr},
    {"name", get_ref<&Fields::name>, set_text<&Fields::name>, "co_name", nullptr},
    {"qualname", get_ref<&Fields::qualname>, set_text<&Fields::qualname>, "co_qualname", nullptr},
    {"filename", get_ref<&Fields::filename>, set_text<&Fields::filename>, "co_filename", nullptr},
    {"firstlineno", get_int<&Fields::first_line>, set_int<&Fields::first_line>, "co_firstlineno",
     nullptr},
    {"docstring", get_docstring, set_docstring, "the docstring of a function made of it, or None",
     nullptr},
    {"freevars", get_ref<&Fields::frees>, set_names<&Fields::frees>,
     "the variables of functions around it, in the order of the closure", nullptr},
    {"cellvars", get_ref<&Fields::cells>, set_names<&Fields::cells>,
     "its variables that functions inside it use", nullptr},
    {"consts", get_ref<&Fields::constants>, set_constants,
     "constants that keep their places; those of the items come behind", nullptr},
    {"names", get_ref<&Fields::names>, set_names<&Fields::names>, "names that keep their places",
     nullptr},
    {"varnames", get_ref<&Fields::locals>, set_locals,
     "local variables that keep their places, arguments first", nullptr},
    {"version", get_version, nullptr, "the version of CPython, (3, minor)", nullptr},
    {"origin", get_origin, nullptr, "what it was made from, or None", nullptr},
    {"is_read", get_is_read, nullptr, "the items have been asked for", nullptr},
    {},
};

}  // namespace pyccolo::codeobject
