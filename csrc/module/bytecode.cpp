// module/bytecode.cpp: what pyccolo_native.bytecode is made of.
#include "codeobject/code.hpp"
#include "module/functions.hpp"

namespace pyccolo::module {

namespace {

using bytecode::OpInfo;
using bytecode::Version;
using codeobject::State;

Version version_from(int minor) {
  if (!bytecode::is_known_minor(minor))
    raise(PyExc_ValueError, "the bytecode of CPython 3.%d is not known; that of 3.%d to 3.%d is",
          minor, bytecode::kFirstMinor, bytecode::kFirstMinor + bytecode::kVersionCount - 1);
  return bytecode::version_of_minor(minor);
}

Ref text_of(std::string_view text) {
  return take(PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
}

PyObject* bytecode_types(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject* operands = nullptr;
    PyObject* errors = nullptr;
    PyObject* opcode_type = nullptr;
    if (!PyArg_ParseTuple(args, "OOO:bytecode_types", &operands, &errors, &opcode_type))
      throw PyRaised{};
    auto made = std::make_unique<State>(operands, errors, opcode_type);
    made->label_type = codeobject::make_label_type(self);
    made->try_begin_type = codeobject::make_try_begin_type(self);
    made->try_end_type = codeobject::make_try_end_type(self);
    made->set_lineno_type = codeobject::make_set_lineno_type(self);
    made->instr_type = codeobject::make_instr_type(self);
    made->code_type = codeobject::make_code_type(self);
    Ref types = take(PyTuple_Pack(6, made->code_type.get(), made->instr_type.get(),
                                  made->label_type.get(), made->try_begin_type.get(),
                                  made->try_end_type.get(), made->set_lineno_type.get()));
    Owned& owned = owned_by(self);
    if (owned.bytecode)
      raise(PyExc_RuntimeError, "the types of pyccolo_native.bytecode are made already");
    owned.bytecode = std::move(made);
    static_cast<module::State*>(PyModule_GetState(self))->slots.bytecode = owned.bytecode.get();
    return types;
  });
}

PyObject* opcode_table(PyObject*, PyObject* args) {
  return guarded_object([&] {
    int minor = 0;
    if (!PyArg_ParseTuple(args, "i:opcode_table", &minor)) throw PyRaised{};
    const Version version = version_from(minor);
    Ref rows = take(PyList_New(0));
    for (int op = 0; op < bytecode::kOpCount; ++op) {
      const OpInfo* info = bytecode::find_op(version, static_cast<bytecode::Op>(op));
      if (info == nullptr) continue;
      Ref name = text_of(bytecode::name_of(info->op));
      append(rows,
             take(Py_BuildValue("(OiissO)", name.get(), info->number, info->caches,
                                codeobject::name_of(info->operand), codeobject::name_of(info->flow),
                                info->may_raise ? Py_True : Py_False)));
    }
    return rows;
  });
}

PyObject* stack_effect(PyObject*, PyObject* args) {
  return guarded_object([&] {
    int minor = 0;
    const char* name = nullptr;
    unsigned int arg = 0;
    int jump = 0;
    if (!PyArg_ParseTuple(args, "isIp:stack_effect", &minor, &name, &arg, &jump)) throw PyRaised{};
    const std::optional<bytecode::Op> op = bytecode::op_named(name);
    const OpInfo* info = op ? bytecode::find_op(version_from(minor), *op) : nullptr;
    if (info == nullptr) raise(PyExc_ValueError, "CPython 3.%d has no instruction %s", minor, name);
    return take(Py_BuildValue("(ii)", info->pops(arg, jump != 0), info->pushes(arg, jump != 0)));
  });
}

}  // namespace

PyMethodDef bytecode_functions[] = {
    {"bytecode_types", bytecode_types, METH_VARARGS,
     "bytecode_types($module, operands, errors, opcode_type, /)\n--\n\n"},
    {"opcode_table", opcode_table, METH_VARARGS, "opcode_table($module, minor, /)\n--\n\n"},
    {"stack_effect", stack_effect, METH_VARARGS,
     "stack_effect($module, minor, name, arg, jump, /)\n--\n\n"},
    {},
};

}  // namespace pyccolo::module
