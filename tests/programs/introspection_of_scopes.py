"""locals, vars, dir, globals, eval and exec in each scope see the program's names and no others."""

module_name = 1


def visible(names):
    return sorted(n for n in names if not (n.startswith("__") and n.endswith("__")))


print(visible(globals()), visible(locals()), visible(dir()), visible(vars()), locals() is globals())


def function(argument, *args, keyword=3, **kwargs):
    first = 1
    before = visible(locals())
    for loop in range(2):
        pass
    [comprehended for comprehended in range(3)]
    captured = "cell"
    inner = lambda: (captured, visible(locals()), sorted(locals()))
    if False:
        never = 1
    with __import__("contextlib").nullcontext() as entered:
        in_with = visible(dir())
    try:
        raise ValueError
    except ValueError as error:
        in_handler = visible(vars())
    snapshot = locals()
    snapshot["added"] = 1
    del first
    return before, in_with, in_handler, inner(), visible(locals()), "added" in locals()


for part in function(1, 2, x=3):
    print(part)


def generator(n):
    for i in range(n):
        yield visible(locals())


async def coroutine(x):
    y = x
    return visible(locals())


print(*generator(2), *list(map(lambda x: visible(locals()), [1])), [visible(locals()) for _ in range(1)][0][-1:])
try:
    coroutine(1).send(None)
except StopIteration as stop:
    print(stop.value)


class Body:
    attribute = 1
    names = visible(locals())
    also = visible(dir())
    locals()["dynamic"] = "put there"
    print(dynamic, visible(vars()))
    evaluated = eval("attribute + module_name")
    exec("executed = attribute * 10")
    print(executed, [eval("module_name") for _ in range(2)])

    def method(self):
        return visible(locals()), visible(vars(self)), "attribute" in dir(self)

    class Nested:
        inner = 1
        names = visible(locals())


print(Body.names, Body.also, Body.evaluated, Body().method(), Body.Nested.names)


def evaluating(a):
    b = 2
    results = [eval("a + b"), eval("a + c", {"c": 5}, {"a": 1}), eval("[a for _ in range(2)]", {"a": a}), eval("module_name")]
    exec("b = 100; made = a")
    results.append((b, "made" in locals()))
    namespace = {}
    exec("def f(x):\n    return [x, y]\ny = 3\nclass C:\n    z = y", namespace)
    results.append((namespace["f"](1), namespace["C"].z, visible(namespace)))
    code = compile("a * 2 if a else lambda: a", "<text>", "eval")
    results.append(eval(code, {"a": 4}))
    exec(compile("global g_made\ng_made = 'global made'", "<text>", "exec"))
    return results


print(evaluating(1), g_made)
exec("from math import tau as imported; x = [i for i in range(3)]")
print(imported > 6, x, eval("x[1]"), eval("(lambda: module_name)()"))
print((lambda a, b=2: visible(locals()))(1), visible((lambda *a, **k: locals())(1, k=2)))
globals()["from_globals"] = "made through globals()"
print(from_globals, "no_such" in globals(), visible(globals())[:6])


def nested_cells():
    x, unused = 1, 2

    def middle(y):
        def innermost(z):
            return visible(locals()), x + y + z

        return innermost(3), visible(locals())

    return middle(2), visible(locals())


print(nested_cells())
for name in visible(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)[:3]:
    print(name)
