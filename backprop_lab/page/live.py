"""The widget that lets a page compute: it runs a program, and shows each state of an app.

Python draws an app's first picture, with everything in it that any state of the app shows. From
then on the page changes what has a name there, without the kernel:

- `data-q`, `data-digits`: a number, by its quantity's name (`data-label`: an aria-label with such
  names in brackets);
- `data-matrix`: a transform, six numbers or names; `data-curve`: one result against one input;
- `data-drawn`: what the style sheet draws by a quantity's value, its variable --value;
- `data-handle`: a number on a picture; one that a control sets is a handle, to drag or for keys;
- `data-when`: shown while all these tokens hold; `data-enabled`: likewise, for a button;
- `data-place`, `data-weight`, `data-card`: lit, chosen or being computed now;
- `data-do`: a button: start, back, next, play, step, again, reset or full; `data-choose`: a click
  on it picks the weight of that row;
- `data-said`: a sentence, by the name of a result that is a pair, its class and its text;
- the class show_…, of a widget: shown while the result of that name is true or the token holds;
- the class view_…, of a widget: holds the element that is the result of that name (`view`), which
  says itself what is lit and hidden; the program is told which numbers a click has `revealed`;
- `data-act`: a button or field in such an element: what it does to the state (`Program.changed`);
- `data-message`, `data-caption`, `data-announce`: the lines for a message and for the step.

What tokens hold, and what is lit, chosen or computed now, is the program's `scene`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import ipywidgets as widgets
import traitlets

from backprop_lab.core.rounding import snap
from backprop_lab.page import state_text
from backprop_lab.page.library import Scripted
from backprop_lab.page.program import Program
from backprop_lab.picture import elements
from backprop_lab.picture.labels import spoken


@dataclass(frozen=True)
class Number:
    """A number that a reader may set: its range, inclusive, plain label, slider's step, and
    whether it is an integer."""

    value: float
    low: float
    high: float
    label: str
    step: float = 0.01
    whole: bool = False

    def __post_init__(self):
        object.__setattr__(self, "value", snap(self.value))


def _snapped(row: Mapping[str, object]) -> dict[str, object]:
    return {name: snap(value) if isinstance(value, float) else value for name, value in row.items()}


class Live(Scripted):
    """Runs a program in the page, within the app that it stands in. Its traits, to be linked:

    `<number>` to a number's control; `<table>` to the index of the chosen row; `<flag>` to a
    switch; `at`, the step that is shown, and `last`, how many there are; `lock_<name>` to a
    control's `disabled`; `acts`: what was pressed and typed since the start, where the `state`
    alone decides what is shown; `kept_as`: the name under which an exercise is kept. In the page it
    is a button that copies the state (`state_text`).
    """

    parts = ("tree", "handle", "link", "kept", "live")
    program_parts = ("runtime", "state_text", "")
    state = traitlets.Dict().tag(sync=True)
    acts = traitlets.List().tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    last = traitlets.Int(0).tag(sync=True)
    kept_as = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        program: Program,
        numbers: Mapping[str, Number] | None = None,
        tables: Mapping[str, tuple[int | None, Sequence[Mapping[str, object]]]] | None = None,
        flags: Mapping[str, bool] | None = None,
        locks: Sequence[str] = (),
        home: Mapping[str, float] | None = None,
        texts: Mapping[str, str] | None = None,
        state: Mapping[str, object] | None = None,
    ):
        """tables: the chosen row, and what each row sets; locks: the controls that the scene locks;
        home: by number, what reset sets, if not its first value; state: inputs that only the
        program changes. Raises ValueError for an input of the program that nothing sets, for a
        number that is no input, and for names of its own."""
        numbers, tables, flags, texts = numbers or {}, tables or {}, flags or {}, texts or {}
        sets = {name: [_snapped(row) for row in rows] for name, (_, rows) in tables.items()}
        given = {
            *numbers,
            *texts,
            *flags,
            *(state or {}),
            *(k for v in sets.values() for k in v[0]),
        }
        if hidden := sorted(
            name for name in {*numbers, *sets, *texts, *flags} if hasattr(Live, name)
        ):
            raise ValueError(
                f"numbers, tables: got {', '.join(hidden)}; expected no names of Live's own"
            )
        missing = sorted(set(program.inputs) - given)
        if missing:
            raise ValueError(f"numbers, tables: no value for {', '.join(missing)}")
        if unused := sorted(set(numbers) - set(program.inputs)):
            expected = ", ".join(program.inputs) or "none: this program has no inputs"
            raise ValueError(f"numbers: got {', '.join(unused)}; expected {expected}")
        self.computes, self._works = program, {}
        self.data = {
            "numbers": {
                key: asdict(number) | {"spoken": spoken(number.label)}
                for key, number in numbers.items()
            },
            "tables": sets,
            "flags": list(flags),
            "texts": list(texts),
            "locks": list(locks),
            "home": home or {},
        }
        replayed = bool(state) and (not program.inputs or self._fewest is not None)
        self.data |= state_text.table(
            self.data["numbers"], tables, flags, texts, state or {}, replayed
        )
        self.linked_controls: dict[str, widgets.Widget] = {}
        self.own_views: dict[str, widgets.HTML] = {}
        self.add_traits(
            **{key: traitlets.Float(n.value).tag(sync=True) for key, n in numbers.items()},
            **{
                key: traitlets.Int(k, allow_none=True).tag(sync=True)
                for key, (k, _) in tables.items()
            },
            **{key: traitlets.Unicode(text).tag(sync=True) for key, text in texts.items()},
            **{key: traitlets.Bool(on).tag(sync=True) for key, on in flags.items()},
            **{f"lock_{name}": traitlets.Bool().tag(sync=True) for name in locks},
        )
        super().__init__(
            _dom_classes=("backprop-link",),
            program=f"{program.javascript}export const data = {json.dumps(self.data)};\n",
            state=dict(state or {}),
        )
        self._settle()

    def _settle(self):
        scene = self.computes.scene(state_text.values_of(self.trait_values(), self.data))
        self.last = scene.get("last", 0)
        for name in self.data["locks"]:
            setattr(self, f"lock_{name}", name in scene["locked"])
            if name in self.linked_controls:
                self.linked_controls[name].disabled = name in scene["locked"]

    def draw_views(self) -> None:
        """Let the views show what they show now; what cannot be shown leaves them."""
        try:
            results = self.computes(self.values()) if self.own_views else {}
        except ValueError:
            return
        for name, view in self.own_views.items():
            view.value = elements.page(results[name])

    def values(self, **settings) -> dict[str, object]:
        """What the controls hold, as the page reads it, or these settings, with what work there is
        of them: at its start, or whole where it waits for nothing."""
        found = state_text.values_of(self.trait_values(), self.data) | settings
        return found | {"work": self._work(found)} if self.computes.work else found

    def _work(self, values):
        work = self.computes.work
        begun = tuple(values[name] for name in work.anew)
        if begun not in self._works:
            record = work.begin(values, None)
            while not work.waits and not record.done:
                record = work.on(values, record)
            self._works[begun] = record
        return self._works[begun]

    def trait_values(self) -> dict[str, object]:
        """What each trait of a control holds, the step and the state."""
        names = ("at", "state", "acts", *self.data["words"])
        return {name: getattr(self, name) for name in names}

    @property
    def shown_state(self) -> str:
        """The state as a text (`state_text`)."""
        return state_text.written(self.trait_values(), self.data, self.computes.scene)

    def show_state(self, text: str) -> None:
        """Bring the traits, and the controls that are linked to them, to a state, and draw the
        views. Raises ValueError for a text that is none of this app's, and changes nothing."""
        if not isinstance(text, str):
            raise TypeError(f"state: got {text!r}; expected a text, such as W_11=0.3&at=4")
        program = self.computes
        of = self.data, program.scene, program.changed, program.compute
        known = program.kept and program.kept.known
        try:
            found = state_text.understood(text, *of, known)
        except ValueError as error:
            raise ValueError(f"state: {error}") from None
        for name, value in found.items():
            control = self.linked_controls.get(name)
            if control:
                setattr(control, "index" if name in self.data["tables"] else "value", value)
            setattr(self, name, value)
        self._settle()
        self.draw_views()

    def view(self, name: str) -> widgets.HTML:
        """The widget that shows a result which is an element, with what it is now."""
        self.own_views[name] = found = widgets.HTML(
            elements.page(self.computes(self.values())[name])
        )
        return found.add_class(f"view_{name}")

    def act(self, what: str, value: str = "") -> None:
        """What pressing or typing does in the page."""
        self.state = self.computes.changed(self.state, what, value)
        if self._fewest is not None:
            self.acts = [list(act) for act in self._fewest(self.state)]
        elif self.data["replayed"]:
            self.acts = [*self.acts, [what, value]]

    @property
    def _fewest(self) -> Callable | None:
        return self.computes.kept and self.computes.kept.fewest

    def __repr__(self):
        return "<the page's arithmetic>"
