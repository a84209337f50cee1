"""Subscripts of all shapes, loaded, stored, augmented and deleted."""


class Grid:
    def __init__(self):
        self.cells = {}

    def __getitem__(self, key):
        return self.cells.get(self.plain(key), key)

    def __setitem__(self, key, value):
        print("set", key, value)
        self.cells[self.plain(key)] = value

    def __delitem__(self, key):
        print("del", key, self.cells.pop(self.plain(key), "nothing"))

    @staticmethod
    def plain(key):
        return repr(key)

    def __class_getitem__(cls, key):
        return f"{cls.__name__}[{key!r}]"


g, i, j, parts = Grid(), 1, 2, (3, 4)
print(g[i], g[-i], g["k"], g[None], g[...], g[i, j], g[i,], g[()], g[(i, j)], g[[i]])
print(g[:], g[i:], g[:j], g[i:j], g[::], g[i::], g[:j:], g[::-1], g[i:j:i + j], g[None:None:None])
print(g[:, :], g[i:j, ::2], g[..., i:], g[:, None, 1:2:3, "s", j], g[(1, 2), 3], g[(slice(1), 2)])
print(g[*parts], g[i, *parts, j], g[*parts, *parts], g[*[]], g[*parts, :2])
print(g[i if j else 0], g[i < j], g[not i], g[lambda: 0].__name__, g[[x for x in parts][0]], g[f"{i}"], g[g[g[i]]])
print(g[i][0] if isinstance(g[i], tuple) else g[i], g[(yield_ := 5)], yield_, g[(a := 1):(b := 2)], a + b)
g[i] = "one"
g[i:j, ...] = "range"
g[*parts] = "starred"
g[i] += " more"
g[i:j, ...] += " too"
g[*parts] *= 2
del g[i], g[i:j, ...], g[*parts], g["absent"]
print(Grid[int], Grid[int, str], Grid[1:2], Grid[*parts], list[int], dict[str, list[int]], tuple[int, ...])

slice_of = slice(1, 5, 2)
numbers = list(range(10))
print(numbers[slice_of], numbers[2:8][1:3][0], numbers[::3], numbers[-3:], numbers[:-7], numbers[8:2:-2], numbers[5:2])
numbers[2:5] = "abc"
numbers[::4] = [None] * 3
numbers[1:1] = [*"in", "sert"]
del numbers[-2:], numbers[0]
numbers[1:3] += ["appended"]
numbers[0:0] = numbers[:2]
print(numbers)
text = "slicing"
print(text[1], text[-1], text[1:4], text[::-1], text[i:-i:j], text[:0], text[9:], text[text.index("i")])
nested = {"a": [{"b": (1, [2, 3])}]}
print(nested["a"][0]["b"][1][-1])
nested["a"][0]["b"][1][-1] += 10
nested["a"][0]["c"] = nested["a"][:]
del nested["a"][0]["b"][1][0]
print(nested)
matrix = [[r * c for c in range(4)] for r in range(4)]
print([row[1:3] for row in matrix[1:]], [matrix[r][r] for r in range(4)], matrix[-1][-1:][0])
matrix[0][0], matrix[1][1:3], *matrix[2] = 1, "xy", 2, 3
print(matrix)


def use_of_names(slice, tuple):
    return [1, 2, 3][slice:tuple], g[slice, tuple]


print(use_of_names(0, 2))
for attempt in (lambda: [][0], lambda: {}["k"], lambda: "a"["b"], lambda: 5[0], lambda: [1][1:2:0], lambda: (1,)[2 ** 80], lambda: None[1, 2]):
    try:
        print(attempt())
    except (LookupError, TypeError, ValueError) as error:
        print(type(error).__name__, error)
