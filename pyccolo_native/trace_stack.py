"""State that follows the traced program's calls: attributes of a tracer that are put aside and brought back together."""
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


class _Registering:
    """While it is entered, new attributes of the manager become fields of the stack."""

    def __init__(self, stack: "TraceStack") -> None:
        self._stack = stack

    def __enter__(self) -> None:
        self._before = self._stack._field_names()
        self._stack._is_registering = True

    def __exit__(self, exc_type, exc, traceback) -> None:
        self._stack._is_registering = False
        if exc_type is None:
            self._stack._add_fields(self._stack._field_names() - self._before)


class _NeedingManualInitialization:
    """While it is entered, new fields are such that whoever pushes has to set them."""

    def __init__(self, stack: "TraceStack") -> None:
        self._stack = stack

    def __enter__(self) -> None:
        assert self._stack._is_registering, "only inside register_stack_state()"
        self._before = self._stack._field_names()

    def __exit__(self, exc_type, exc, traceback) -> None:
        if exc_type is None:
            self._stack._manual_fields = self._stack._field_names() - self._before


class _Pushing:
    """Puts the fields aside and sets them anew; the block sets those that need it."""

    def __init__(self, stack: "TraceStack") -> None:
        self._stack = stack

    def __enter__(self) -> None:
        self._stack._put_aside()

    def __exit__(self, exc_type, exc, traceback) -> None:
        if exc_type is None:
            missing = [name for name in self._stack._manual_fields if name not in self._stack._manager.__dict__]
            if missing:
                raise ValueError(f"pushed without setting {', '.join(map(repr, sorted(missing)))}")


def _initializer(value: "Any") -> "Callable[[], Any]":
    """What makes a field's first value anew: the same number, string or None; an empty object of the same type; a nested stack."""
    if isinstance(value, TraceStack):
        return value._clone
    if value is None or isinstance(value, (int, bool, str, float)):
        return lambda: value
    return type(value)


class TraceStack:
    """Fields of a manager, usually a tracer, that have a value per level. The current level's values are plain attributes."""

    def __init__(self, manager: "Any") -> None:
        self._manager = manager
        self._stack: "list[tuple[Any, ...]]" = []
        self._initializers: "dict[str, Callable[[], Any]]" = {}
        self._manual_fields: "set[str]" = set()
        self._is_registering = False
        self._field_mapping: "dict[str, int]" = {}

    def register_stack_state(self) -> _Registering:
        """A context: the attributes that the manager gets in it are this stack's fields."""
        return _Registering(self)

    def needing_manual_initialization(self) -> _NeedingManualInitialization:
        """A context inside register_stack_state(): its fields are unset by a push, whose block has to set them."""
        return _NeedingManualInitialization(self)

    def push(self) -> _Pushing:
        """A context: a new level on entering; ValueError at its end if a field that needs to be set is not."""
        return _Pushing(self)

    def get_field(self, field: str, depth: "int | None" = None, height: "int | None" = None) -> "Any":
        """The value of a field `depth` levels below the current one (1: the next), or at `height` from the bottom (0)."""
        if height is None:
            height = -(1 if depth is None else depth)
        return self._stack[height][self._field_mapping[field]]

    def pop(self) -> "TraceStack":
        """Brings the values of the level below back."""
        self._manager.__dict__.update(zip(self._field_mapping, self._stack.pop()))
        return self

    def clear(self) -> None:
        """Brings the values of the lowest level back."""
        self._stack = self._stack[:1]
        if self._stack:
            self.pop()

    def __len__(self) -> int:
        return len(self._stack)

    def _field_names(self) -> "set[str]":
        return set(self._manager.__dict__)

    def _add_fields(self, names: "set[str]") -> None:
        values = self._manager.__dict__
        for name in values:  # in the order in which they were set
            if name in names and name not in self._manual_fields:
                self._initializers[name] = _initializer(values[name])
        self._field_mapping = {name: index for index, name in enumerate([*self._initializers, *self._manual_fields])}

    def _put_aside(self) -> None:
        values = self._manager.__dict__
        self._stack.append(tuple(values[name] for name in self._field_mapping))
        for name, initialize in self._initializers.items():
            values[name] = initialize()
        for name in self._manual_fields:
            del values[name]

    def _clone(self) -> "TraceStack":
        clone = TraceStack(self._manager)
        clone.__dict__.update(self.__dict__)
        return clone
