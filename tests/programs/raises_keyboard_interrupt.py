"""Ends with a KeyboardInterrupt that no `except Exception` stops."""


def work(items):
    for item in items:
        try:
            if item == 2:
                raise KeyboardInterrupt("pressed")
            print(item)
        except Exception:
            print("never")
        finally:
            print("finally", item)


try:
    work([1, 2, 3])
except BaseException as error:
    print(type(error).__name__)
    raise
