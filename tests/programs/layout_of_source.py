# A program without a docstring, laid out in every odd way that the tokenizer allows.
import traceback; a = 1; b = 2; print(a, b)
if a: print("one line"); c = 3
if a: pass
else: print("never")
while a: a -= 1; print("while", a)
for i in range(2): print(i, end=" "); print()
def f(x): return x; print("never")
def g(x): y = x; return y
class C: x = 1; y = x + 1
class D: pass
try: print(f(1), g(2), C.y)
except ValueError: pass
else: print("else")
finally: print("finally")
with open(__file__) as source: first = source.readline()
print(first[:30]); del first
x = 1 + \
    2 + \
  3
assert x \
    == 6, \
    "continued"
if x and \
   b: print("continued condition")
y = [
    1,  # comment

    2,

    # another
    3
    ,
]
z = {
    "k"
    :
    "v"
    ,
}
print(x, y, z, (
    1
), ((((2)))), f(
    x
    =
    3
))
if True:
        print("eight columns")
if True:
	print("a tab")
if True:
  if True:
     if True: print("odd indents")
    
		
def h(
    a,
    # comment between parameters
    b=(
        2
    ),
    *,
    c=3,
):  # trailing comment
    # leading comment

    # a blank line above
    return (a,
            b,
      c)
    # trailing comment


print(h(1)); print(h(1, c
=4))
print("very long line " + "x" * 10 + str([i for i in range(10)]) + str({k: v for k, v in zip("abcdefghij", range(10))}) + str(sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])) + (lambda s: s.upper())("end of a very long line"), len("x" * 1000))
lines = """first
  second \
joined
""" """third"""; print(lines)
print(
    "a"
    "b"
    f"{x}"
    f"{y[0]}" if False else "c"
) if False else print("conditional expression as a statement")
(print("parenthesised")); [print("bracketed")]; {print("braced")}
print(a)if b else print(b);print((1)if a else(2));print([1 for i in y],[0x1 for x in y])
if 1:
    def nested():
        if 1:
            for i in 1,:
                while 1:
                    try:
                        return i
                    finally:
                        with open(__file__):
                            print("deep")
print(nested())
naïve = "identifier"; ﬁ = "ligature is normalised"; 变量 = "wide"; 𝔘𝔫𝔦 = "fancy"
print(naïve, fi, 变量, Uni, sorted(n for n in globals() if n in ("fi", "Uni")))
try:
    変数 = {"キー": [1, 2]}; print("é" * 3, 変数["キー"][0], "日本語", 変数["値"], "after")
except KeyError:
    print(traceback.format_exc())
try: print("ü" + (1 / 0 if "日本" else "é") + "ñ")
except ZeroDivisionError: print(traceback.format_exc())
# the last line is a comment without a newline