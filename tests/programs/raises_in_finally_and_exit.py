"""Ends with an error in __exit__ while another passes, after finally blocks have run."""


class Manager:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        print("exit", self.name, kind.__name__, traceback.tb_lineno)
        if self.name == "second":
            raise RuntimeError(f"{self.name} fails to exit") from value


try:
    with Manager("first"), Manager("second") as second:
        try:
            print(second.name)
            assert second.name == "third", (
                "the name is "
                + second.name
            )
        finally:
            print("finally")
finally:
    print("outermost finally")
