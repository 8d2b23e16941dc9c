"""The shape of a transition table. Apps write one in their workflow.py; services, buttons, API and tests read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from awarding.accounts.roles import Permission, Role
from awarding.findings.finding import Finding

Guard = Callable[[Any], list[Finding]]
Text = str | Promise


@dataclass(frozen=True)
class State:
    """A state as people meet it: whose turn it is, what they do next. `colour` is that of the status tag."""

    name: str
    label: Text
    holder: Text
    next: Text
    roles: frozenset[Role] = frozenset()
    colour: str = "blue"
    is_final: bool = False


@dataclass(frozen=True)
class Transition:
    """One permitted move. `guards` answer findings; a blocking one refuses the move. `notifies` are told after commit.

    `by_process` marks a move that only a named process of the portal makes.
    """

    name: str
    label: Text
    sources: tuple[str, ...]
    target: str
    permission: Permission | None = None
    guards: tuple[Guard, ...] = ()
    needs_reason: bool = False
    notifies: frozenset[Role] = frozenset()
    by_process: bool = False
    is_warning: bool = False
    # Asks whether this actor may, beyond the permission (a declared interest, an allocation). Answers findings.
    actor_guards: tuple[Callable[[Any, Any], list[Finding]], ...] = ()


@dataclass(frozen=True)
class Workflow:
    """All states and moves of one kind of row. Refuses to be built with a hole in it."""

    name: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    initial: str
    # What a history calls its events: past, where the buttons speak of the future. Also events that are no move.
    event_labels: Mapping[str, Text] = field(default_factory=dict)
    # What people call these things, in the plural: a heading. Without one it is made of the name.
    title: Text = ""
    _states: dict[str, State] = field(init=False, repr=False, compare=False)
    _transitions: dict[str, Transition] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", self.title or self.name.replace("_", " ").capitalize())
        object.__setattr__(self, "_states", {state.name: state for state in self.states})
        object.__setattr__(self, "_transitions", {t.name: t for t in self.transitions})
        if len(self._states) != len(self.states) or len(self._transitions) != len(self.transitions):
            raise ValueError(f"{self.name}: a state or transition is named twice")
        for t in self.transitions:
            for name in (*t.sources, t.target):
                if name not in self._states:
                    raise ValueError(f"{self.name}.{t.name}: no state {name!r}")
            if (t.permission is None) != t.by_process:
                raise ValueError(f"{self.name}.{t.name}: a permission, or by_process, and not both")
        if self.initial not in self._states:
            raise ValueError(f"{self.name}: no initial state {self.initial!r}")

    def state(self, name: str) -> State:
        return self._states[name]

    def transition(self, name: str) -> Transition:
        return self._transitions[name]

    def event_label(self, name: str) -> Text:
        """How a history names an event, whether it was a move of the table or only noted beside it."""
        if name in self.event_labels:
            return self.event_labels[name]
        return self._transitions[name].label if name in self._transitions else name

    def label_of(self, state: str) -> str:
        """A state's label; its name where the table no longer has it."""
        return str(self._states[state].label) if state in self._states else state

    def from_state(self, state: str) -> list[Transition]:
        return [t for t in self.transitions if state in t.sources]
