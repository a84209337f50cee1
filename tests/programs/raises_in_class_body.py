"""Ends with an error in a class body inside a function inside a class body."""


class Outer:
    value = 1

    def make(self):
        class Inner:
            attribute = [n for n in range(3)]
            other = {
                "a": attribute[0],
                "b": attribute[5],
            }

        return Inner

    print("body", value)


print(Outer().make())
