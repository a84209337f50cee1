"""Tracers that stay on the stack from cell to cell, enabled only while a cell runs."""
from ..emit_event import _TRACER_STACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterable

    from ..tracer import BaseTracer


class ResidentTracers:
    """The tracers that cells run under. Between cells they get no events, and imports are plain."""

    def __init__(self) -> None:
        self._entered: "list[tuple[BaseTracer, Callable[[], None]]]" = []
        self._release_imports: "Callable[[], None] | None" = None

    @property
    def tracers(self) -> "list[BaseTracer]":
        return [tracer for tracer, _ in self._entered]

    def run(self, tracers: "list[BaseTracer]") -> None:
        """Puts these tracers on the stack, in place of those that are there, and enables them."""
        self.retain(tracers)
        there = self.tracers
        common = next((at for at, tracer in enumerate(there) if tracer is not tracers[at]), len(there))
        self.retain(tracers[:common])
        for tracer in tracers[:common]:
            tracer._enable_tracing(check_disabled=False)
        for tracer in tracers[common:]:
            # imports are hooked below, for all of them at once
            self._entered.append((tracer, tracer.tracing_non_context(do_patch_meta_path=False)))
        if any(tracer.should_patch_meta_path for tracer in tracers):
            self._hook_imports()
        else:
            self._unhook_imports()

    def retain(self, tracers: "Iterable[BaseTracer]") -> None:
        """Takes all others off the stack."""
        wanted = set(map(id, tracers))
        leaving = [entry for entry in self._entered if id(entry[0]) not in wanted]
        self._entered = [entry for entry in self._entered if id(entry[0]) in wanted]
        for _, leave in reversed(leaving):
            leave()
        if not self._entered:
            self._unhook_imports()

    def pause(self) -> None:
        for tracer, _ in reversed(self._entered):
            tracer._disable_tracing(check_enabled=False)
        self._unhook_imports()

    def _hook_imports(self) -> None:
        if self._release_imports is None:
            from ..import_hooks import patch_meta_path_non_context

            self._release_imports = patch_meta_path_non_context(_TRACER_STACK)

    def _unhook_imports(self) -> None:
        release, self._release_imports = self._release_imports, None
        if release is not None:
            release()
