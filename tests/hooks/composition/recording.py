"""What scenarios record with."""


def recorder(log, file):
    """A trace function that logs what happens in a file."""

    def trace(frame, event, arg):
        if frame.f_code.co_filename != file:
            return None
        log(event, frame.f_code.co_name, frame.f_lineno, type(arg).__name__)
        return trace

    return trace
