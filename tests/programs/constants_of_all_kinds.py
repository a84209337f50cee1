"""Literals: what the tokenizer, the constant folder and the compiler make of them."""

strings = [
    "implicit " "concatenation " 'of several' """ kinds""",
    "escapes \t \x41 \u00e9 \N{SNOWMAN} \U0001F600 \101 \\ \'",
    r"raw \n \d",
    b"bytes \x00\xff\n",
    rb"raw bytes \x00",
    "lone surrogate \ud800 end",
    u"u prefix",
    """several
    lines \
joined""",
    "",
    b"",
    "nul \0 inside",
]
for s in strings:
    print(ascii(s), len(s))
print("café" "ñ", "日本語", len("日本語"), "\N{GREEK SMALL LETTER ALPHA}")
print(..., Ellipsis, ... is Ellipsis, type(...).__name__, [...], {...: ...})
print(None, True, False, None is None, True is not False)
print(0, -0, 00, 1_000, 0xDEAD_BEEF, 0o777, 0b11, 123456789012345678901234567890)
print(1.0, 1e100, 1e-7, 1.5e300 * 1e10, .1, 1., 0.1 + 0.2, -0.0)
print(1j, 1.5j, 1 + 2j, -1j, (1 + 2j) * 3j, 0j == 0)
print((), (1,), (1, 2), ((), ((),)), (1, (2, (3, (4,)))), [(), []], {(): ()})
print([], [1], [[1], [2, [3]]], {}, {1: {2: {3: {}}}}, {1}, {(1, 2)})
print(1 in (1, 2, 3), "b" in ("a", "b"), 2 in {1, 2}, 3 in [1, 2], "a" not in {"a": 1})
print("x" * 3, [0] * 3, (1, 2) * 2, 3 * "ab", "%s=%r" % ("k", "v"), "%d%%" % 50, "a" "b" % ())
print(-1, +1, ~1, not 1, -(-1), - -1, not not None, -True, ~2 + True)
print(2**10, 7 // 2, 7 % 3, 1 << 10, 0xFF & 0x0F, 1 < 2 < 3, 60 * 60 * 24)
print((1, 2, 3)[1], "abc"[0], [1, 2][-1], "abc"[::-1], {1: "one"}[1], b"abc"[0], b"abc"[0:1])
print(len("abc"), "abc".upper(), b"abc".hex(), (1).bit_length(), 1 .real, 1.5.is_integer(), [].__len__())
print(1 if True else 2, (yes := "walrus"), yes, "and" and "or", "" or 0 or None)
print(f"constant only", f"{1}{'two'}{3.0}", f"{{}}", f"{'nested'!r:>10}", f"", f"{None}{True}{...}")
"a statement that is only a string"
42
...
None
(1, 2, 3)
[print("a display as a statement")]
-1
1 + 1
not 1
{}
"a", "tuple", "statement"
big = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32]
table = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9, "j": 10, "k": 11, "l": 12, "m": 13, "n": 14, "o": 15, "p": 16, "q": 17}
print(sum(big), len(table), table["q"], {*big} == set(big), (*big,)[-1])
