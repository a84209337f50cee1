"""F-strings as a grammar of their own: same quotes, backslashes, comments and any nesting."""

names = ["a", "b", "c"]
number = 7
print(f"{", ".join(names)} {"same quotes"} {f"{f"{f"{number}"}"}"}")
print(f"{"\n".join(names)!r} {'\t' + "tab"!r} {"\N{SNOWMAN}"}")
print(
    f"{
        number  # a comment
        + 1
    } and {
        names[
            0
        ]!r:>{number}}"
)
print(f"{number = :>{f"{number}"}} {names["x" == "y"]} {({"k": "v"})["k"]}")
print(f"{(lambda x: f"{x!r:^{number}}")("mid")}|")
print(f"{"a" if number > 5 else "b"}{f"{"c" "d"}"}")
print(f'{'nested' f'{'deeper' f'{number}'}'}')
print(f"{[f"{n}{i}" for i, n in enumerate(names)]} { {n: f"{n}" for n in names} }")
print(f"{number:{"0"}{">"}{number}}", f"{number:{"{}>5".format("x")}}")
print(f"{(y := number * 2)} {y} {number!r:{y}}")
print(f"""{
    f'''{
        number
    }'''
}""")
try:
    print(f"{f"{number / (
        number - 7
    )}"}")
except ZeroDivisionError:
    import traceback

    print(traceback.format_exc())
