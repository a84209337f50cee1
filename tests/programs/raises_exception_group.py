"""Ends with an exception group, partly handled."""


def fail(n):
    raise (ValueError if n % 2 else TypeError)(f"number {n}")


def collect():
    errors = []
    for n in range(4):
        try:
            fail(n)
        except Exception as error:
            if n == 3:
                error.add_note("the last one")
            errors.append(error)
    raise ExceptionGroup("collected", [errors[0], ExceptionGroup("nested", errors[1:])])


try:
    collect()
except* TypeError as group:
    print(len(group.exceptions))
    raise LookupError("from the handler") from group.exceptions[0]
