// augment/source.cpp: Source, a text as Python sees it.
#include <memory>

#include "augment/text.hpp"

namespace pyccolo::augment {

namespace {

struct SourceObject {
  PyObject_HEAD
  Text* text;
  PyObject* lexer;
};

SourceObject* source_of(PyObject* self) { return reinterpret_cast<SourceObject*>(self); }

Text& lexed(PyObject* self) {
  Text& text = *source_of(self)->text;
  text.lex(source_of(self)->lexer);
  return text;
}

Ref list_of_offsets(const std::vector<Offset>& offsets) {
  Ref list = take(PyList_New(static_cast<Py_ssize_t>(offsets.size())));
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i),
                    take(PyLong_FromSize_t(offsets[i])).release());
  }
  return list;
}

std::vector<Offset> offsets_of(Borrowed sequence) {
  Ref items = take(PySequence_List(sequence.get()));
  std::vector<Offset> offsets;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
    offsets.push_back(size_from(PyList_GET_ITEM(items.get(), i)));
  }
  return offsets;
}

Ref make(PyTypeObject* type, std::unique_ptr<Text> text, Borrowed lexer) {
  Ref object = take(type->tp_alloc(type, 0));
  source_of(object.get())->text = text.release();
  source_of(object.get())->lexer = Py_NewRef(lexer.get());
  return object;
}

PyObject* Source_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded_object([&] {
    PyObject *text, *lexer;
    if (!PyArg_ParseTuple(args, "UO:Source", &text, &lexer)) throw PyRaised{};
    return make(type, std::make_unique<Text>(text), lexer);
  });
}

void Source_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  delete source_of(self)->text;
  Py_XDECREF(source_of(self)->lexer);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Source_text(PyObject* self, void*) {
  return guarded_object([&] { return source_of(self)->text->string(); });
}

PyObject* Source_line_starts(PyObject* self, PyObject*) {
  return guarded_object([&] { return list_of_offsets(source_of(self)->text->line_starts()); });
}

PyObject* Source_find(PyObject* self, PyObject* token) {
  return guarded_object([&] {
    const std::u32string wanted = u32_of(token);
    return list_of_offsets(lexed(self).find(wanted));
  });
}

PyObject* Source_is_opaque(PyObject* self, PyObject* offset) {
  return guarded_object([&] {
    const Offset at = size_from(offset);
    const Text& text = lexed(self);
    if (at >= text.characters().size())
      raise(PyExc_IndexError, "the text has no character %zu", at);
    return boolean(text.is_opaque(at));
  });
}

PyObject* Source_replaced(PyObject* self, PyObject* args) {
  return guarded_object([&] {
    PyObject *starts, *replacement;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "OnU:replaced", &starts, &length, &replacement)) throw PyRaised{};
    const Text& text = *source_of(self)->text;
    if (length < 0) raise(PyExc_ValueError, "a length is not negative");
    return make(Py_TYPE(self),
                std::make_unique<Text>(
                    text.replaced(offsets_of(starts), Offset(length), u32_of(replacement))),
                source_of(self)->lexer);
  });
}

PyMethodDef methods[] = {
    {"line_starts", Source_line_starts, METH_NOARGS, "The offset of each line."},
    {"find", Source_find, METH_O, "The offsets at which a token stands."},
    {"is_opaque", Source_is_opaque, METH_O, "Is the character in a literal or a comment?"},
    {"replaced", Source_replaced, METH_VARARGS, "The source with characters replaced."},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef getters[] = {
    {"text", Source_text, nullptr, "The text, a str.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("Source with tokens that Python may not have.")},
    {Py_tp_new, reinterpret_cast<void*>(Source_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(Source_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {0, nullptr},
};

PyType_Spec spec = {"pyccolo_native._native.Source", sizeof(SourceObject), 0, Py_TPFLAGS_DEFAULT,
                    slots};

}  // namespace

Ref make_source_type(Borrowed module) {
  return take(PyType_FromModuleAndSpec(module.get(), &spec, nullptr));
}

}  // namespace pyccolo::augment
