"""break, continue and return through try, finally and with, in loops."""

log = []


class Manager:
    def __init__(self, name, suppress=False):
        self.name, self.suppress = name, suppress

    def __enter__(self):
        log.append(f"enter {self.name}")
        return self

    def __exit__(self, kind, value, traceback):
        log.append(f"exit {self.name} {kind and kind.__name__}")
        return self.suppress


def told(what=None):
    print(what, log)
    log.clear()


def breaking():
    for i in range(3):
        try:
            if i == 1:
                break
            log.append(i)
        finally:
            log.append(f"finally {i}")
    else:
        log.append("never")
    return i


def continuing():
    for i in range(3):
        try:
            if i == 1:
                continue
            log.append(i)
        except ValueError:
            log.append("never")
        else:
            log.append(f"else {i}")
        finally:
            log.append(f"finally {i}")
    else:
        log.append("loop else")


def returning():
    while True:
        with Manager("outer"), Manager("inner"):
            try:
                return log.append("value") or "returned"
            finally:
                log.append("finally")


def break_in_finally():
    for i in range(3):
        try:
            raise ValueError(i)
        finally:
            if i == 1:
                break
            log.append(f"continue {i}")
            continue
    return "swallowed"


def nested():
    for i in range(3):
        try:
            for j in range(3):
                try:
                    if j == 1:
                        break
                    if i == 1:
                        continue
                    if i == 2:
                        return log.append("return") or (i, j)
                finally:
                    log.append(f"inner {i}{j}")
        finally:
            log.append(f"outer {i}")


def suppressing():
    results = []
    for i in range(4):
        with Manager(i, suppress=True):
            results.append(6 // (i - 2))
            if i == 1:
                continue
            log.append("end of body")
    return results


def handlers():
    for value in (1, 0, "x", None, 2):
        try:
            result = 10 // value
        except ZeroDivisionError as error:
            log.append(str(error))
            continue
        except TypeError:
            if value is None:
                break
            log.append("type")
        else:
            log.append(result)
            if result == 5:
                return "never"
        finally:
            log.append("|")
    return "error" in locals()


def while_with_finally():
    n = 0
    while n < 5:
        try:
            n += 1
            if n % 2:
                continue
            with Manager(n):
                if n == 4:
                    break
        finally:
            log.append(n)
    else:
        log.append("never")
    return n


def generator_in_loop():
    for i in range(3):
        try:
            yield i
        finally:
            log.append(f"closed at {i}")


for function in (breaking, continuing, returning, break_in_finally, nested, suppressing, handlers, while_with_finally):
    told(function())
for value in generator_in_loop():
    if value == 1:
        break
told(value)
for i in range(2):
    try:
        continue
    finally:
        log.append("module level")
told(i)
