#include "hooks/anchor.hpp"

#include "py/module_state.hpp"

namespace pyccolo::hooks {

namespace {

AnchorObject* as_anchor(PyObject* self) { return reinterpret_cast<AnchorObject*>(self); }

int settle_soon(void* module) {
  Ref held = Ref::steal(static_cast<PyObject*>(module));
  auto* hooks = static_cast<SysHooks*>(slots_of_module(held).dispatch->interpreter);
  if (hooks != nullptr) hooks->settle_quietly();
  return 0;
}

int Anchor_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(as_anchor(self)->module);
  return 0;
}

int Anchor_clear(PyObject* self) {
  Py_CLEAR(as_anchor(self)->module);
  return 0;
}

/// Somebody has set another function, past sys.settrace. Or the thread ends: then nothing is known of it any more.
void displaced(const AnchorObject& anchor) {
  dispatch::ThreadData* data = dispatch::thread_cache.data;
  if (data == nullptr || !data->hooks || traced_thread(*data).hooks != anchor.hooks) return;
  const ErrorScope parked;
  if (guarded_status([&] { anchor.hooks->settrace().restore_frames(); }) < 0) PyErr_Clear();
  // Pending calls are the main thread's; in another one ours comes back with the next call of sys.settrace there.
  if (!data->is_main) return;
  PyObject* module = Py_NewRef(anchor.module);
  if (Py_AddPendingCall(settle_soon, module) < 0) Py_DECREF(module);
}

void Anchor_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  AnchorObject* anchor = as_anchor(self);
  if (anchor->armed && anchor->module != nullptr) displaced(*anchor);
  Anchor_clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

/// Somebody got at it past sys.gettrace, and has set it as a trace function: ours takes its place again.
PyObject* Anchor_call(PyObject* self, PyObject*, PyObject*) {
  return guarded_object([&] {
    as_anchor(self)->hooks->settle();
    return none();
  });
}

PyType_Slot anchor_slots[] = {
    {Py_tp_doc, const_cast<char*>("What pyccolo_native's trace functions belong to.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(Anchor_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Anchor_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Anchor_clear)},
    {Py_tp_call, reinterpret_cast<void*>(Anchor_call)},
    {0, nullptr},
};

PyType_Spec anchor_spec = {
    "pyccolo_native._native.TraceFunction", sizeof(AnchorObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, anchor_slots};

// ---- what stands in sys meanwhile

Settrace& settrace_of(PyObject* module) {
  auto* hooks = static_cast<SysHooks*>(slots_of_module(module).dispatch->interpreter);
  if (hooks == nullptr) raise(PyExc_RuntimeError, "pyccolo_native has been unloaded");
  return hooks->settrace();
}

template <PycSlot kSlot>
PyObject* get_function(PyObject* self, PyObject*) {
  return guarded_object([&] { return settrace_of(self).visible(kSlot); });
}

/// Calls what stood there, then sees to it that ours is in front.
Ref call_original(PyObject* self, std::size_t index, PyObject* args, PyObject* keywords) {
  Settrace& settrace = settrace_of(self);
  Ref original = Ref::borrow(settrace.patches.original(index));
  Ref result =
      Ref::steal(calling_python([&] { return PyObject_Call(original.get(), args, keywords); }));
  if (!result) {
    settrace.hooks.settle_quietly();
    throw PyRaised{};
  }
  settrace.hooks.settle();
  return result;
}

template <std::size_t kIndex>
PyObject* set_function(PyObject* self, PyObject* function) {
  return guarded_object([&] {
    Ref arguments = take(PyTuple_Pack(1, function));
    return call_original(self, kIndex, arguments.get(), nullptr);
  });
}

template <std::size_t kIndex>
PyObject* start_thread(PyObject* self, PyObject* args, PyObject* keywords) {
  return guarded_object([&] { return call_original(self, kIndex, args, keywords); });
}

template <std::size_t kIndex>
PyCFunction starter() {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(start_thread<kIndex>));
}

struct Stand {
  const char* module;
  const char* name;
  const char* known_as;  ///< its __name__
  PyCFunction function;
  int flags;
  bool starts_threads;
};

constexpr int kStarts = METH_VARARGS | METH_KEYWORDS;

const Stand kStands[] = {
    {"sys", "settrace", "settrace", set_function<0>, METH_O, false},
    {"sys", "setprofile", "setprofile", set_function<1>, METH_O, false},
    {"sys", "_settraceallthreads", "_settraceallthreads", set_function<2>, METH_O, false},
    {"sys", "_setprofileallthreads", "_setprofileallthreads", set_function<3>, METH_O, false},
    {"sys", "gettrace", "gettrace", get_function<PYC_TRACE>, METH_NOARGS, false},
    {"sys", "getprofile", "getprofile", get_function<PYC_PROFILE>, METH_NOARGS, false},
    {"_thread", "start_new_thread", "start_new_thread", starter<6>(), kStarts, true},
    {"_thread", "start_new", "start_new", starter<7>(), kStarts, true},
    {"_thread", "start_joinable_thread", "start_joinable_thread", starter<8>(), kStarts, true},
    {"threading", "_start_new_thread", "start_new_thread", starter<9>(), kStarts, true},
    {"threading", "_start_joinable_thread", "start_joinable_thread", starter<10>(), kStarts, true},
};

}  // namespace

Ref make_anchor_type(Borrowed module) {
  return take(PyType_FromModuleAndSpec(module.get(), &anchor_spec, nullptr));
}

Ref make_anchor(Borrowed type, SysHooks& hooks, bool armed) {
  auto* its_type = reinterpret_cast<PyTypeObject*>(type.get());
  Ref made = take(its_type->tp_alloc(its_type, 0));
  AnchorObject* anchor = as_anchor(made.get());
  anchor->hooks = &hooks;
  anchor->module = Py_NewRef(hooks.module.get());
  anchor->armed = armed;
  return made;
}

bool is_anchor(Borrowed type, PyObject* object) {
  return object != nullptr && reinterpret_cast<PyObject*>(Py_TYPE(object)) == type.get();
}

bool is_armed(PyObject* anchor) { return as_anchor(anchor)->armed; }

bool disarm(Borrowed type, PyObject* object) {
  return is_anchor(type, object) && std::exchange(as_anchor(object)->armed, false);
}

// ---- Patches

void Patches::settle(Borrowed self, bool functions, bool starters) {
  if (functions == functions_in_ && starters == starters_in_) return;
  functions_in_ = functions;
  starters_in_ = starters;
  for (std::size_t i = 0; i < std::size(kStands); ++i) {
    if (kStands[i].starts_threads ? starters : functions) {
      put(i, self);
    } else {
      remove(i);
    }
  }
}

/// Where there is no such name, nothing stands.
void Patches::put(std::size_t index, Borrowed self) {
  const Stand& stand = kStands[index];
  Ref name = take(PyUnicode_FromString(stand.module));
  Ref owner = Ref::borrow(find_item(PyImport_GetModuleDict(), name));
  Ref own = owner ? find_attr(owner, intern(stand.name)) : nullptr;
  if (!own) return;
  if (patches_.size() <= index) patches_.resize(std::size(kStands));
  Patch& patch = patches_[index];
  if (own.is(patch.ours)) return;
  patch.original = std::move(own);
  if (!patch.ours) {
    const bool is_builtin = PyCFunction_Check(patch.original.get()) != 0;
    const char* doc = is_builtin
                          ? reinterpret_cast<PyCFunctionObject*>(patch.original.get())->m_ml->ml_doc
                          : nullptr;
    patch.definition = std::make_unique<PyMethodDef>(
        PyMethodDef{stand.known_as, stand.function, stand.flags, doc});
    Ref module = find_attr(patch.original, intern("__module__"));
    patch.ours = take(PyCFunction_NewEx(patch.definition.get(), self.get(), module.get()));
  }
  ok(PyObject_SetAttrString(owner.get(), stand.name, patch.ours.get()));
}

/// Puts back what was there, unless somebody else has put something on top.
void Patches::remove(std::size_t index) {
  if (index >= patches_.size() || !patches_[index].ours) return;
  const Stand& stand = kStands[index];
  Ref name = take(PyUnicode_FromString(stand.module));
  Ref owner = Ref::borrow(find_item(PyImport_GetModuleDict(), name));
  Ref now = owner ? find_attr(owner, intern(stand.name)) : nullptr;
  if (now && now.is(patches_[index].ours))
    ok(PyObject_SetAttrString(owner.get(), stand.name, patches_[index].original.get()));
}

Borrowed Patches::original(std::size_t index) const { return patches_[index].original; }

int Patches::traverse(visitproc visit, void* arg) const {
  for (const Patch& patch : patches_) {
    Py_VISIT(patch.original.get());
    Py_VISIT(patch.ours.get());
  }
  return 0;
}

}  // namespace pyccolo::hooks
