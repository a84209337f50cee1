"""Ends through raise SystemExit with a message, from a nested function."""


def main(arguments):
    def usage():
        raise SystemExit(f"usage: {len(arguments)} arguments")

    return usage() if not arguments else 0


print("before")
raise SystemExit(main([]))
