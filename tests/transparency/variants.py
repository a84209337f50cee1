"""The ways in which a program is woven and run; whichever is taken, nobody may notice."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    """Request fields for driver.py, and flags for the interpreter."""

    name: str
    events: "str | tuple[str, ...]" = "all"
    guards: bool = True
    handler: str = "observe"
    moment: str = "inside"
    tracers: int = 1
    stored: bool = False
    flags: tuple = field(default=())

    def request(self):
        events = self.events if isinstance(self.events, str) else list(self.events)
        return {
            "events": events,
            "guards": self.guards,
            "handler": self.handler,
            "moment": self.moment,
            "tracers": self.tracers,
            "stored": self.stored,
        }


VARIANTS = (
    Variant("every event observed"),
    Variant("every event observed without guards", guards=False),
    Variant("before_stmt only", events=("before_stmt",)),
    Variant("handlers that name only ret", handler="only_ret"),
    Variant("handlers that give the value back", handler="give_back"),
    Variant("handlers that look at node and frame", handler="look_at_everything"),
    Variant("handlers that fail", handler="raise_error"),
    Variant("run after the tracer has left", handler="count", moment="left"),
    Variant("run while tracing is disabled", handler="count", moment="disabled"),
    Variant("two tracers", tracers=2),
    Variant("stored and restored", handler="only_ret", stored=True),
    Variant("stored and restored, without guards, handlers that look at node and frame", handler="look_at_everything", guards=False, stored=True),
    Variant("stored and restored, run after the tracer has left", handler="count", moment="left", stored=True),
    Variant("optimised", flags=("-O",)),
    Variant("without docstrings", flags=("-OO",)),
)
OBSERVED = VARIANTS[0]
COUNTED = next(v for v in VARIANTS if v.handler == "look_at_everything")
SILENT = tuple(v for v in VARIANTS if v.moment != "inside")


def single(event):
    return Variant(f"only {event}", events=(event,))
