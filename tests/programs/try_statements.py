"""try in all its forms: which part runs when, what is bound, what sys.exc_info says."""

import sys


def run(action, catch=(ValueError, KeyError)):
    trail = []
    try:
        trail.append("try")
        action()
    except catch as error:
        trail.append(f"caught {error!r}")
    except ZeroDivisionError:
        trail.append(f"zero {sys.exc_info()[0].__name__}")
    except:
        trail.append("bare")
    else:
        trail.append("else")
    finally:
        trail.append("finally")
    return trail, "error" in locals()


def fail(error):
    raise error


print(run(lambda: None))
print(run(lambda: fail(ValueError(1))))
print(run(lambda: {}["k"]))
print(run(lambda: 1 / 0))
print(run(lambda: fail(KeyboardInterrupt())))
print(run(lambda: fail(SystemExit(3))))
print(run(lambda: fail(GeneratorExit)))
print(run(lambda: 1 / 0, catch=ArithmeticError))


def return_overrides():
    try:
        return "try"
    finally:
        return "finally"


def return_in_else():
    try:
        pass
    except ValueError:
        return "except"
    else:
        return "else"
    finally:
        print("before leaving")


def swallowed():
    try:
        1 / 0
    finally:
        return "error gone"


def last_value():
    x = "try"
    try:
        return x
    finally:
        x = "changed after the value was taken"


def nested():
    try:
        try:
            1 / 0
        except ValueError:
            return "wrong"
        finally:
            print("inner finally", sys.exc_info()[0])
    except ZeroDivisionError as outer:
        try:
            raise KeyError from outer
        except KeyError as inner:
            print("context", repr(inner.__cause__), sys.exc_info()[1] is inner)
        print("again", sys.exc_info()[1] is outer)
        return "outer"


print(return_overrides(), return_in_else(), swallowed(), last_value(), nested(), sys.exc_info())
error = "module variable"
try:
    raise ValueError
except ValueError as error:
    print(repr(error))
print("error" in globals())


def choose():
    print("handler type evaluated")
    return LookupError


try:
    [][0]
except ValueError:
    print("no")
except choose():
    print("yes")
except undefined_but_never_evaluated:
    print("no")
try:
    pass
except choose():
    print("never")
try:
    raise IndexError("derived")
except (ValueError, (TypeError,)) if False else (ValueError, LookupError) as e:
    print(type(e).__name__)
try:
    try:
        raise OSError("x")
    except OSError as e:
        e = "rebound"
        raise TypeError("y")
except TypeError as e:
    print(repr(e), repr(e.__context__))
try:
    try:
        raise ValueError("kept")
    except ValueError:
        raise
except ValueError as e:
    print(e, e.__context__, e.__traceback__.tb_next)


class Body:
    try:
        value = undefined
    except NameError as caught:
        value = type(caught).__name__
    else:
        value = None
    finally:
        done = True


print(Body.value, Body.done, hasattr(Body, "caught"))
for kind in (ValueError, TypeError):
    try: raise kind
    except ValueError: print("one line")
    except: print("bare one line")
    else: print("never")
    finally: print("end")
