"""One attribute replaced, and put back."""
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MISSING = object()


class Patch:
    """Replaces an attribute of an object or class until remove()."""

    def __init__(self, owner: "Any", name: str, value: "Any") -> None:
        self._owner, self._name, self._value = owner, name, value
        self._own = vars(owner).get(name, _MISSING)
        setattr(owner, name, value)

    def remove(self) -> None:
        """Puts back what was there. What somebody else has put on top stays, and goes on to call the replacement."""
        if vars(self._owner).get(self._name) is not self._value:
            return
        if self._own is _MISSING:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._own)
