"""Ends with a misspelt name, for which the interpreter suggests another."""


def outer():
    counter = 1

    def inner():
        some_local = counter
        return [some_locl for _ in range(1)]

    try:
        return counte
    except NameError as error:
        print(error.name)
    return inner()


outer()
