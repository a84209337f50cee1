"""Annotations are evaluated where they stand, and may bind names: an error of syntax from 3.14 on."""

evaluated = []


def note(value):
    evaluated.append(value)
    return value


walrus_in: (inner_name := int) = (inner_value := note(5))
print(walrus_in, inner_name, inner_value)


def annotated(a: (first := note(int)), *args: note("str"), **kw: {"k": note(1)}["k"]) -> (yield_ := note(bool)):
    local: note("never") = note(6)
    return a, args, kw, local


print(annotated(5, 6, k=7), annotated.__annotations__, first, yield_, evaluated)


class Fields:
    name: (kind := note(str))
    value: kind = note(2)


print(Fields.__annotations__, Fields.kind, Fields.value, evaluated, __annotations__)
