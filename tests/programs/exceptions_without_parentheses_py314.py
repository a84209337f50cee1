"""PEP 758: several exception types without parentheses; PEP 765: what leaves a finally clause."""

import warnings

log = []


def note(value):
    log.append(getattr(value, "__name__", value))
    return value


def caught(error):
    try:
        raise error
    except ValueError, KeyError:
        return "first"
    except note(TypeError), note(OSError):
        return "second"
    except ExceptionGroup:
        return "group"


print(caught(KeyError(1)), caught(OSError()), caught(ExceptionGroup("g", [ValueError()])), log)
try:
    raise ExceptionGroup("g", [ValueError(1), KeyError(2), TypeError(3)])
except* ValueError, note(KeyError):
    print("both")
except* TypeError as group:
    print(group.exceptions, log)


def leaves(how):
    for _ in range(2):
        try:
            raise ValueError(how)
        finally:
            if how == "continue":
                continue
            if how == "break":
                break
            return how


print(leaves("continue"), leaves("break"), leaves("return"))
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    exec("def f():\n    try:\n        pass\n    finally:\n        return 1\n")
print([str(warning.message) for warning in seen])
