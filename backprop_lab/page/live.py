"""The widget that lets a page compute: it runs a program, and shows each state of an app.

Python draws an app's first picture, with everything in it that any state of the app shows. From
then on the page changes what has a name there, without the kernel:

- `data-q`, `data-digits`: a number, by its quantity's name (`data-label`: an aria-label with such
  names in brackets);
- `data-matrix`: a transform, six numbers or names; `data-curve`: one result against one input;
- `data-when`: shown while all these tokens hold; `data-enabled`: likewise, for a button;
- `data-place`, `data-weight`, `data-card`: lit, chosen or being computed now;
- `data-do`: a button: start, back, next, play, step, reset or full; `data-choose`: a click on it
  picks the weight of that row;
- `data-said`: a sentence, by the name of a result that is a pair, its class and its text;
- the class show_…, of a widget: shown while the result of that name is true or the token holds;
- the class view_…, of a widget: holds the element that is the result of that name (`view`);
- `data-act`: a button or field in such an element: what it does to the state (`Program.changed`);
- `data-message`, `data-caption`, `data-announce`: the lines for a message and for the step.

What tokens hold follows from the controls: each row of a table names some, each flag is one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import ipywidgets as widgets
import traitlets

from backprop_lab.core.rounding import snap
from backprop_lab.page.library import Scripted
from backprop_lab.page.program import Program
from backprop_lab.picture import elements


@dataclass(frozen=True)
class Number:
    """A number that a reader may set: its range, inclusive, and its plain label."""

    value: float
    low: float
    high: float
    label: str

    def __post_init__(self):
        object.__setattr__(self, "value", snap(self.value))


@dataclass(frozen=True)
class Row:
    """One option of a list: the program's inputs that it sets, and the tokens that then hold.

    sets: numbers that it moves when it is chosen, by name: from which value to which.
    """

    inputs: Mapping[str, object] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    sets: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self):
        snapped = {k: snap(v) if isinstance(v, float) else v for k, v in self.inputs.items()}
        object.__setattr__(self, "inputs", snapped)


def _told(row: Row) -> dict[str, object]:
    return {name: value for name, value in asdict(row).items() if value or name != "sets"}


@dataclass(frozen=True)
class Moment:
    """One step of a walk: while the tokens in `when` hold it is among the steps.

    group: the token of the cards that it shows; places: what it lights; known: the quantities that
    it computes; text: what is said, with quantities in brackets.
    """

    when: tuple[str, ...]
    group: str
    places: tuple[str, ...]
    known: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Light:
    """The places on a weight's path, lit while the tokens in `when` hold, and the weight itself."""

    when: tuple[str, ...]
    places: tuple[str, ...]
    chosen: str


class Live(Scripted):
    """Runs a program in the page, within the app that it stands in. Its traits, to be linked:

    `<number>` to a number's control; `<table>` to the index of the chosen row; `<flag>` to a
    switch; `at`, the step that is shown, and `last`, how many there are; `<lock>` to a control's
    `disabled`.
    """

    parts = ("tree", "live")
    program_parts = ("runtime", "")
    state = traitlets.Dict().tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    last = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        program: Program,
        numbers: Mapping[str, Number],
        tables: Mapping[str, tuple[int, Sequence[Row]]] | None = None,
        flags: Mapping[str, bool] | None = None,
        moments: Sequence[Moment] = (),
        lights: Sequence[Light] = (),
        locks: Mapping[str, tuple[str, ...]] | None = None,
        home: Mapping[str, float] | None = None,
        texts: Mapping[str, str] | None = None,
        state: Mapping[str, object] | None = None,
    ):
        """tables: the chosen row and the rows; locks: the tokens that unlock; home: by trait, what
        reset sets, and where the printed numbers belong; state: inputs that only the program
        changes. Raises ValueError for an input of the program that nothing sets."""
        tables, flags, locks, texts = tables or {}, flags or {}, locks or {}, texts or {}
        chosen = [key for _, rows in tables.values() for key in rows[0].inputs]
        given = {*numbers, *texts, *flags, *chosen, *(state or {})}
        missing = sorted(set(program.inputs) - given)
        if missing:
            raise ValueError(f"numbers, tables: no value for {', '.join(missing)}")
        data = {
            "numbers": {key: asdict(number) for key, number in numbers.items()},
            "tables": {key: [_told(row) for row in rows] for key, (_, rows) in tables.items()},
            "flags": flags,
            "texts": list(texts),
            "moments": [asdict(moment) for moment in moments],
            "lights": [asdict(light) for light in lights],
            "locks": locks,
            "home": home or {},
        }
        self.computes, self.data = program, data
        held = {t for k, rows in tables.values() if k is not None for t in rows[k].tokens}
        self.add_traits(
            **{key: traitlets.Float(n.value).tag(sync=True) for key, n in numbers.items()},
            **{
                key: traitlets.Int(k, allow_none=True).tag(sync=True)
                for key, (k, _) in tables.items()
            },
            **{key: traitlets.Unicode(text).tag(sync=True) for key, text in texts.items()},
            **{key: traitlets.Bool(on).tag(sync=True) for key, on in flags.items()},
            **{
                lock: traitlets.Bool(not held.issuperset(when)).tag(sync=True)
                for lock, when in locks.items()
            },
        )
        super().__init__(
            program=f"{program.javascript}export const data = {json.dumps(data)};\n",
            state=dict(state or {}),
            last=sum(held.issuperset(moment.when) for moment in moments),
        )

    def values(self) -> dict[str, object]:
        """The program's inputs, as the page reads them."""
        own = ("numbers", "texts", "flags")
        found = {name: getattr(self, name) for kind in own for name in self.data[kind]}
        for name, rows in self.data["tables"].items():
            chosen = getattr(self, name)
            found |= {} if chosen is None else rows[chosen]["inputs"]
        return self.state | found

    def view(self, name: str) -> widgets.HTML:
        """The widget that shows a result which is an element, with what it is now."""
        found = widgets.HTML(elements.page(self.computes(self.values())[name]))
        return found.add_class(f"view_{name}")

    def act(self, what: str, value: str = "") -> None:
        """What pressing or typing does in the page."""
        self.state = self.computes.changed(self.state, what, value)

    def __repr__(self):
        return "<the page's arithmetic>"
