"""except*: matching, splitting, naming, re-raising, and nested groups with their tracebacks."""

import traceback


def group():
    raised = []
    for make in (lambda: 1 / 0, lambda: {}["k"], lambda: int("x"), lambda: [][1]):
        try:
            make()
        except Exception as error:
            raised.append(error)
    return ExceptionGroup("four", [*raised[:2], ExceptionGroup("inner", raised[2:])])


def handled():
    seen = []
    try:
        raise group()
    except* ZeroDivisionError as errors:
        seen.append(("zero", errors.exceptions))
    except* (KeyError, IndexError) as errors:
        seen.append(("lookup", len(errors.exceptions), errors.message))
    except* ValueError:
        seen.append("value")
    else:
        seen.append("never")
    finally:
        seen.append("finally")
    return seen, "errors" in locals()


def partly():
    try:
        raise group()
    except* LookupError as errors:
        print("lookup", [type(e).__name__ for e in errors.exceptions])


def raising_inside():
    try:
        raise group()
    except* ZeroDivisionError:
        raise OSError("new one")
    except* ValueError as errors:
        raise
    except* LookupError as errors:
        raise TypeError("from it") from errors


def single():
    try:
        raise ValueError("bare")
    except* ValueError as errors:
        return_value = type(errors).__name__, errors.exceptions
    return return_value


def none_raised():
    try:
        pass
    except* ValueError:
        print("never")
    else:
        print("else")
    finally:
        print("finally")


def in_loop():
    for number in range(3):
        try:
            if number:
                raise ExceptionGroup(str(number), [ValueError(number), TypeError(number)])
        except* ValueError as errors:
            print(number, errors.exceptions)
        except* TypeError:
            print(number, "type")


print(handled())
print(single())
none_raised()
in_loop()
for function in (partly, raising_inside):
    try:
        function()
    except Exception as error:
        print(traceback.format_exc())
        print(type(error).__name__, error.exceptions)
matched, rest = group().split(LookupError)
print(matched.exceptions, rest.exceptions, group().subgroup(lambda e: isinstance(e, ValueError)))
try:
    try:
        raise ValueError
    except* ExceptionGroup:
        pass
except TypeError as error:
    print(error)
