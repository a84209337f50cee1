// py/quiet_warnings.hpp: no warnings for as long as C code runs that lets no other thread run.
#pragma once

#include "py/object.hpp"

namespace pyccolo {

/// What warnings.catch_warnings() with an "ignore" filter does, in one step that no other thread can see.
class QuietWarnings {
 public:
  QuietWarnings() : module_(take(PyImport_ImportModule("warnings"))) {
    Ref ignore_all = list_of(
        {take(Py_BuildValue("(sOOOi)", "ignore", Py_None, PyExc_Warning, Py_None, 0)).release()});
    before_ = get_attr(module_, "filters");
    ok(PyObject_SetAttrString(module_.get(), "filters", ignore_all.get()));
  }
  ~QuietWarnings() {
    const ErrorScope parked;
    if (PyObject_SetAttrString(module_.get(), "filters", before_.get()) < 0) {
      PyErr_WriteUnraisable(module_.get());
    }
  }
  QuietWarnings(const QuietWarnings&) = delete;
  QuietWarnings& operator=(const QuietWarnings&) = delete;

 private:
  Ref module_;
  Ref before_;
};

}  // namespace pyccolo
