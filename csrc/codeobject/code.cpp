#include "codeobject/code.hpp"

#include <memory>

#include "codeobject/code_type.hpp"

namespace pyccolo::codeobject {

namespace {

using bytecode::Version;

void Code_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  CodeObject* code = as_code(self);
  Py_TRASHCAN_BEGIN(self, Code_dealloc) Py_CLEAR(code->origin);
  Py_CLEAR(code->items);
  Py_CLEAR(code->slots);
  delete std::exchange(code->fields, nullptr);
  type->tp_free(self);
  Py_DECREF(type);
  Py_TRASHCAN_END
}

int Code_traverse(PyObject* self, visitproc visit, void* arg) {
  const CodeObject* code = as_code(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(code->origin);
  Py_VISIT(code->items);
  Py_VISIT(code->slots);
  if (code->fields != nullptr) Py_VISIT(code->fields->constants.get());
  return 0;
}

int Code_clear(PyObject* self) {
  Py_CLEAR(as_code(self)->items);
  return 0;
}

Version version_from(Borrowed version) {
  int major = 0;
  int minor = 0;
  Ref pair = take(PySequence_Tuple(version.get()));
  if (!PyArg_ParseTuple(pair.get(), "ii;a version is (3, minor)", &major, &minor)) throw PyRaised{};
  if (major != 3 || !bytecode::is_known_minor(minor))
    raise(PyExc_ValueError, "the bytecode of CPython %d.%d is not known; that of 3.%d to 3.%d is",
          major, minor, bytecode::kFirstMinor, bytecode::kFirstMinor + bytecode::kVersionCount - 1);
  return bytecode::version_of_minor(minor);
}

PyObject* Code_from_code(PyObject* type, PyObject* origin) {
  return guarded_object([&] {
    State& state = state_of_type(reinterpret_cast<PyTypeObject*>(type));
    if (!PyCode_Check(origin))
      raise(PyExc_TypeError, "a code object is wanted, not %.200s", Py_TYPE(origin)->tp_name);
    return code_from(reinterpret_cast<PyTypeObject*>(type), origin, state.running());
  });
}

PyObject* Code_from_raw(PyObject* type, PyObject* args) {
  return guarded_object([&] {
    PyObject* raw = nullptr;
    PyObject* version = nullptr;
    if (!PyArg_ParseTuple(args, "OO:from_raw", &raw, &version)) throw PyRaised{};
    return code_from(reinterpret_cast<PyTypeObject*>(type), raw, version_from(version));
  });
}

PyCFunction with_keywords(PyObject* (*function)(PyObject*, PyObject*, PyObject*)) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(function));
}

PyMethodDef kMethods[] = {
    {"from_code", Code_from_code, METH_O | METH_CLASS,
     "from_code($type, code, /)\n--\n\n"
     "The Code of a code object. Nothing is read until it is asked for.\n\n"
     "Raises TypeError for anything else, NotImplementedError on a version of CPython that is not "
     "known."},
    {"from_raw", Code_from_raw, METH_VARARGS | METH_CLASS,
     "from_raw($type, raw, version, /)\n--\n\n"
     "The Code of anything with the attributes of a code object of `version`, (3, minor). It can "
     "be read and\n"
     "assembled; it can be changed only if that version runs."},
    {"insert", code_insert, METH_VARARGS,
     "insert($self, index, item, /)\n--\n\nPuts an item before the one at `index`."},
    {"children", code_children, METH_NOARGS,
     "children($self, /)\n--\n\nThe nested Code that instructions load, each once, in order, as a "
     "list."},
    {"to_code", with_keywords(code_to_code), METH_VARARGS | METH_KEYWORDS,
     "to_code($self, /, stacksize=None, compact=False, verify=True, reuse=True)\n--\n\n"
     "A code object that does what the items say; nested Code becomes code objects too.\n\n"
     "stacksize: co_stacksize; None for as much as is needed.\n"
     "compact: leaves out the constants, names and variables that no instruction uses.\n"
     "verify: rejects what could crash the interpreter.\n"
     "reuse: gives the very code object that this was made from as long as both say the same. "
     "Without it, everything\n"
     "is written anew.\n\n"
     "Raises BytecodeError for items that do not fit together, VerifyError for code that is not "
     "safe to run."},
    {"assemble", with_keywords(code_assemble), METH_VARARGS | METH_KEYWORDS,
     "assemble($self, /, compact=False, verify=True, reuse=True)\n--\n\n"
     "The attributes that to_code() would give the code object, as {name: value}; for code of any "
     "known version."},
    {"stack_depths", code_stack_depths, METH_NOARGS,
     "stack_depths($self, /)\n--\n\n"
     "How many values are on the stack before each item, as a list; None where control never gets "
     "to.\n\n"
     "Raises BytecodeError where the stack runs empty or two ways to an instruction differ."},
    {"stacksize", code_stacksize, METH_NOARGS,
     "stacksize($self, /)\n--\n\nThe most values that are on the stack at once."},
    {"problems", code_problems, METH_NOARGS,
     "problems($self, /)\n--\n\n"
     "Why the code is not safe to run: a list of (index of the item or None, reason), empty if it "
     "is. Nested code is\n"
     "not looked at."},
    {"infer_flags", code_infer_flags, METH_NOARGS,
     "infer_flags($self, /)\n--\n\nThe flags that follow from the instructions and variables."},
    {},
};

PyObject* Code_new(PyTypeObject* type, PyObject*, PyObject*) {
  return guarded_object([&] {
    State& state = state_of_type(type);
    Ref made = take(type->tp_alloc(type, 0));
    CodeObject* code = as_code(made.get());
    code->version = state.running();
    code->infers_flags = true;
    code->items = take(PyList_New(0)).release();
    auto fields = std::make_unique<Fields>();
    fields->name = take(PyUnicode_FromString("<code>"));
    fields->qualname = fields->name.copy();
    fields->filename = take(PyUnicode_FromString("<bytecode>"));
    for (Ref* tuple :
         {&fields->constants, &fields->names, &fields->locals, &fields->cells, &fields->frees}) {
      *tuple = take(PyTuple_New(0));
    }
    code->fields = fields.release();
    return made;
  });
}

}  // namespace

Fields Fields::copy() const {
  Fields made;
  made.name = name.copy();
  made.qualname = qualname.copy();
  made.filename = filename.copy();
  made.first_line = first_line;
  made.flags = flags;
  made.arguments = arguments;
  made.positional_only = positional_only;
  made.keyword_only = keyword_only;
  made.constants = constants.copy();
  made.names = names.copy();
  made.locals = locals.copy();
  made.cells = cells.copy();
  made.frees = frees.copy();
  return made;
}

std::int64_t Fields::argument_slots() const {
  constexpr std::uint32_t kVarArgs = 0x4;
  constexpr std::uint32_t kVarKeywords = 0x8;
  return std::int64_t{arguments} + keyword_only + ((flags & kVarArgs) != 0 ? 1 : 0) +
         ((flags & kVarKeywords) != 0 ? 1 : 0);
}

Ref code_from(PyTypeObject* type, Borrowed origin, Version version) {
  Ref made = take(type->tp_alloc(type, 0));
  CodeObject* code = as_code(made.get());
  code->origin = Py_NewRef(origin.get());
  code->version = version;
  code->infers_flags = false;
  return made;
}

void check_editable(State& state, CodeObject* code) {
  if (code->version != state.running())
    raise(PyExc_ValueError,
          "this is code of CPython 3.%d: it can be read and listed here, but edited only on 3.%d",
          minor_of(code->version), minor_of(code->version));
}

Ref make_code_type(Borrowed module) {
  static PyType_Slot slots[] = {
      {Py_tp_new, reinterpret_cast<void*>(Code_new)},
      {Py_tp_dealloc, reinterpret_cast<void*>(Code_dealloc)},
      {Py_tp_traverse, reinterpret_cast<void*>(Code_traverse)},
      {Py_tp_clear, reinterpret_cast<void*>(Code_clear)},
      {Py_tp_methods, kMethods},
      {Py_tp_getset, code_attributes},
      {Py_tp_hash, reinterpret_cast<void*>(PyObject_HashNotImplemented)},
      {Py_mp_length, reinterpret_cast<void*>(code_length)},
      {Py_mp_subscript, reinterpret_cast<void*>(code_item)},
      {Py_mp_ass_subscript, reinterpret_cast<void*>(code_set_item)},
      {Py_sq_length, reinterpret_cast<void*>(code_length)},
      {Py_tp_iter, reinterpret_cast<void*>(code_iterator)},
      {0, nullptr},
  };
  static PyType_Spec spec = {"pyccolo_native._native.CodeCore", sizeof(CodeObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE, slots};
  return take(PyType_FromModuleAndSpec(module.get(), &spec, nullptr));
}

}  // namespace pyccolo::codeobject
