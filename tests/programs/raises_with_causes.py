"""Ends with a chain: cause, context, notes, and a traceback that went through finally blocks."""


class ConfigError(Exception):
    def __init__(self, key, *, line):
        super().__init__(f"bad {key!r} in line {line}")
        self.add_note(f"key: {key}")


def parse(text):
    try:
        key, value = text.split("=")
        return key, int(value)
    except ValueError as error:
        raise ConfigError(text, line=1) from error
    finally:
        print("parsed", text)


def load(lines):
    try:
        return dict(parse(line) for line in lines)
    except ConfigError:
        try:
            {}["default"]
        except KeyError:
            raise RuntimeError("no default either")
    finally:
        print("loaded")


def main():
    with open(__file__) as file:
        for _ in range(1):
            try:
                return load(["a=1", "b=x"])
            except OSError:
                print("never")
            else:
                print("never")


main()
