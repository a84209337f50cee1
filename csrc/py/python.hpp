// py/python.hpp: the one place that includes Python.h.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>
