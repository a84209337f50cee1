"""global and nonlocal in every place they may stand, closures, and names that are deleted or unbound."""

counter = 0
exists = "module"


def global_first():
    global counter
    counter += 1
    return counter


def global_inside_if(flag):
    if flag:
        global made_in_if
        made_in_if = "made"
    for made_in_loop_variable in range(2):
        global made_in_loop
        made_in_loop = made_in_loop_variable
    while True:
        global made_in_while
        made_in_while = 1
        break
    try:
        global made_in_try
        made_in_try = 1
    finally:
        global made_in_finally
        made_in_finally = 2
    with open(__import__("os").devnull) as _:
        global made_in_with
        made_in_with = 3
    global after_everything, and_more
    after_everything, and_more = 4, 5


def for_target_is_global():
    global loop_global
    for loop_global in range(3):
        pass
    with __import__("contextlib").nullcontext("entered") as with_target:
        global caught_global, import_global, def_global, Class_global
        import math as import_global

        def def_global():
            return "global function"

        class Class_global:
            pass

    try:
        raise ValueError("v")
    except ValueError as caught_global:
        return str(caught_global)


def nonlocals():
    a, b, trail = 1, 2, []

    def middle():
        nonlocal a
        a += 10
        c = 3

        def inner():
            nonlocal b, c
            if a:
                nonlocal trail
                trail = [*trail, (a, b, c)]
            b *= 2
            c += b
            for _ in range(1):
                nonlocal d
                d = c
            return lambda: (a, b, c, d)

        result = inner()
        return result, c

    d = None
    get, c = middle()
    first = get()
    a = "changed"
    return first, get(), (a, b, c, d), trail


def both():
    global exists
    local = exists
    exists = "changed by a function"

    def inner():
        exists = "local to inner"

        def innermost():
            global exists
            return exists

        return exists, innermost(), local

    return inner()


def class_between():
    x = "function"

    class Between:
        x = "class"
        seen = x

        def method(self):
            return x

        def change(self):
            nonlocal x
            x = "changed"

        class Nested:
            seen = x
            nonlocal_value = [x for _ in range(1)]

    Between().change()
    return Between.seen, Between().method(), Between.Nested.seen, Between.Nested.nonlocal_value, x


class GlobalInClass:
    global set_by_class
    set_by_class = 1
    exists = exists
    counter = counter + 100


def unbound(flag):
    if flag:
        value = 1

    def inner():
        return value

    try:
        return inner()
    except NameError as error:
        return str(error)


def comprehension_cells():
    functions = []
    for i in range(2):
        functions += [lambda: i, lambda j=i: (i, j)]
        functions.append([lambda: (i, k) for k in range(2)][0])
    return [f() for f in functions]


def counter_maker(start=0):
    def step(by=1):
        nonlocal start
        start += by
        return start

    step.reset = lambda: step(-start)
    return step


global_inside_if(False)
print(global_first(), global_first(), counter, sorted(n for n in globals() if n.startswith("made_")), after_everything, and_more)
print(for_target_is_global(), loop_global, "caught_global" in globals(), import_global.pi > 3, def_global(), Class_global.__qualname__)
print(nonlocals(), both(), exists)
print(class_between(), set_by_class, GlobalInClass.exists, GlobalInClass.counter, hasattr(GlobalInClass, "set_by_class"))
print(unbound(True), unbound(False), comprehension_cells())
step = counter_maker(5)
print(step(), step(10), step.reset(), step(), counter_maker()(), step.__closure__[0].cell_contents, step.__code__.co_freevars)
global at_module_level
at_module_level = "allowed"
if True:
    global again
    again = at_module_level
print(again)
try:
    exec("def f():\n  x = 1\n  global x")
except SyntaxError as error:
    print(error.msg)
