#include "codeobject/origin.hpp"

namespace pyccolo::codeobject {

namespace {

PyCodeObject* as_code_object(Borrowed origin) {
  return reinterpret_cast<PyCodeObject*>(origin.get());
}

Ref checked(Borrowed origin, const char* attribute, bool (*holds)(PyObject*), const char* wanted) {
  Ref value = get_attr(origin, attribute);
  if (!holds(value.get()))
    raise(PyExc_TypeError, "%s must be %s, not %.200s", attribute, wanted,
          Py_TYPE(value.get())->tp_name);
  return value;
}

Ref bytes_attr(Borrowed origin, const char* attribute) {
  return checked(
      origin, attribute, [](PyObject* value) { return PyBytes_Check(value) != 0; }, "bytes");
}
Ref tuple_attr(Borrowed origin, const char* attribute) {
  return checked(
      origin, attribute, [](PyObject* value) { return PyTuple_Check(value) != 0; }, "a tuple");
}
Ref text_attr(Borrowed origin, const char* attribute) {
  return checked(
      origin, attribute, [](PyObject* value) { return PyUnicode_Check(value) != 0; }, "a str");
}

std::int32_t int_attr(Borrowed origin, const char* attribute) {
  const long value = PyLong_AsLong(get_attr(origin, attribute).get());
  if (value == -1 && PyErr_Occurred()) throw PyRaised{};
  return static_cast<std::int32_t>(value);
}

bytecode::Bytes view_of(const Ref& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(PyBytes_AS_STRING(bytes.get())),
          static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.get()))};
}

}  // namespace

bytecode::Encoded Written::encoded() const {
  return {view_of(code), view_of(line_table), view_of(exception_table), first_line};
}

Written read_written(Borrowed origin) {
  if (PyCode_Check(origin.get())) {
    PyCodeObject* code = as_code_object(origin);
    return {take(PyCode_GetCode(code)), Ref::borrow(code->co_linetable),
            Ref::borrow(code->co_exceptiontable), code->co_firstlineno, code->co_stacksize};
  }
  return {bytes_attr(origin, "co_code"), bytes_attr(origin, "co_linetable"),
          bytes_attr(origin, "co_exceptiontable"), int_attr(origin, "co_firstlineno"),
          int_attr(origin, "co_stacksize")};
}

Fields read_fields(Borrowed origin) {
  Fields fields;
  if (PyCode_Check(origin.get())) {
    PyCodeObject* code = as_code_object(origin);
    fields.name = Ref::borrow(code->co_name);
    fields.qualname = Ref::borrow(code->co_qualname);
    fields.filename = Ref::borrow(code->co_filename);
    fields.first_line = code->co_firstlineno;
    fields.flags = static_cast<std::uint32_t>(code->co_flags);
    fields.arguments = code->co_argcount;
    fields.positional_only = code->co_posonlyargcount;
    fields.keyword_only = code->co_kwonlyargcount;
    fields.constants = Ref::borrow(code->co_consts);
    fields.names = Ref::borrow(code->co_names);
    fields.locals = take(PyCode_GetVarnames(code));
    fields.cells = take(PyCode_GetCellvars(code));
    fields.frees = take(PyCode_GetFreevars(code));
    return fields;
  }
  fields.name = text_attr(origin, "co_name");
  fields.qualname = text_attr(origin, "co_qualname");
  fields.filename = text_attr(origin, "co_filename");
  fields.first_line = int_attr(origin, "co_firstlineno");
  fields.flags = static_cast<std::uint32_t>(int_attr(origin, "co_flags"));
  fields.arguments = int_attr(origin, "co_argcount");
  fields.positional_only = int_attr(origin, "co_posonlyargcount");
  fields.keyword_only = int_attr(origin, "co_kwonlyargcount");
  fields.constants = tuple_attr(origin, "co_consts");
  fields.names = tuple_attr(origin, "co_names");
  fields.locals = tuple_attr(origin, "co_varnames");
  fields.cells = tuple_attr(origin, "co_cellvars");
  fields.frees = tuple_attr(origin, "co_freevars");
  return fields;
}

}  // namespace pyccolo::codeobject
