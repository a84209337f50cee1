"""Ends with a syntax error in text that is executed."""

good = compile("x = 1\nprint('executed', x)", "<good>", "exec")
exec(good)
source = "\n".join(["def f():", "    return (1 +", "    2", ""])
try:
    eval("1 +")
except SyntaxError as error:
    print(error.msg, error.lineno)
exec(source)
