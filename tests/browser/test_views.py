"""What apps show, as elements, and what a press does: the page's against Python's, on random
states. Equal trees are equal pictures."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore, lectures
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.depth import MAP_DEPTHS, MAP_SCALES, OUTPUTS
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.rounding import snap
from backprop_lab.exercise import drill, gallery, golf
from backprop_lab.exercise.wrong_passes import CHOICES
from backprop_lab.explore.any_network import HIDDEN, SEEDS
from backprop_lab.explore.counts import DEPTHS, WIDTHS
from backprop_lab.explore.deep_network import OWN
from backprop_lab.explore.product_order import ENDS
from backprop_lab.explore.xor_training import STARTS
from backprop_lab.formulas.notation import NOTATIONS
from backprop_lab.formulas.order import WAYS
from backprop_lab.page.library import SCRIPTS
from backprop_lab.page.live import Live
from backprop_lab.picture.elements import Element
from tests.markup import inside
from tests.nightly import by_night

RUN = """async ([program, given]) => {
  const source = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const { compute, changed } = await import(source);
  const shown = (state) => {
    try {
      return compute(state);
    } catch (error) {
      if (error.name === "ValueError") return error.message;
      throw error;
    }
  };
  return JSON.stringify(given.map(([state, acts]) => {
    const seen = [];
    for (const [what, value] of acts) {
      state = changed(state, what, value);
      seen.push(compute(state));
    }
    return acts.length ? [state, seen] : shown(state);
  }));
}"""
WORKED = """async ([program, given]) => {
  const source = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const { compute, work } = await import(source);
  return JSON.stringify(given.map(([values, slices]) => {
    try {
      let record = work.begin(values, null);
      for (const more of slices) {
        const now = { ...values, ...more };
        record = more.begin ? work.begin(now, record) : work.on(now, record);
      }
      return compute({ ...values, work: record });
    } catch (error) {
      if (error.name === "ValueError") return error.message;
      throw error;
    }
  }));
}"""
"""What is shown of work: a record holds arrays, so the page makes it by itself."""
SCENES = """async ([program, given]) => {
  const source = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const { scene } = await import(source);
  return JSON.stringify(given.map(scene));
}"""
STATES = pytest.mark.parametrize("states", [50, by_night(1000)])


def plain(content):
    """Elements as the page has them."""
    if isinstance(content, Element):
        children, attributes = plain(content.children), plain(content.attributes)
        return {"tag": content.tag, "children": children, "attributes": attributes}
    if isinstance(content, dict):
        return {name: plain(value) for name, value in content.items()}
    return list(map(plain, content)) if isinstance(content, list | tuple) else content


def in_page(page, app, given):
    program = SCRIPTS["runtime"] + app.computes.javascript
    return json.loads(page.evaluate(RUN, [program, given]))  # as a text: thirty times as fast


def random_counts(rng):
    depth, width = rng.integers(1, 13), rng.integers(1, 9)
    return {
        "depth": int(depth),
        "width": int(width),
        "layer": int(rng.integers(1, 13)),
        "against": str(rng.choice(["depth", "width"])),
    }


def random_signal(rng):
    h = snap(float(rng.choice([rng.uniform(-2, 2), 0.0, round(rng.uniform(-2, 2), 2)])))
    return {"bias": str(rng.choice(["b_0_0", "b_0_1", "b_1_0"])), "h": h}


def random_network(rng):
    numbers = {name: snap(float(rng.uniform(-3, 3))) for name in ("x_0", "x_1", "y_0")}
    hidden = list(HIDDEN[rng.integers(len(HIDDEN))])
    chosen = {"activation": str(rng.choice(list(ACTIVATIONS))), "seed": int(rng.integers(SEEDS))}
    return {"hidden": hidden, **chosen, **numbers}


def random_algorithm(rng):
    """Any network, mostly with a loss and targets that go with its output."""
    loss = LOSSES[str(rng.choice(list(LOSSES)))]
    fits = loss.output if rng.integers(4) else None
    low, high = (0, 1) if loss.fused and rng.integers(4) else (-2, 2)
    numbers = {f"x_{i}": snap(float(rng.uniform(-2, 2))) for i in range(3)}
    numbers |= {f"y_{j}": snap(float(rng.uniform(low, high))) for j in range(3)}
    return numbers | {
        "inputs": int(rng.integers(1, 4)),
        **{f"hidden_{k}": int(rng.integers(5)) for k in (1, 2, 3)},
        "outputs": int(rng.integers(1, 4)),
        "activation": str(rng.choice(list(ACTIVATIONS))),
        "output": fits or str(rng.choice(list(ACTIVATIONS))),
        "loss_name": loss.name,
        "seed": int(rng.integers(3)),
        "target": int(rng.integers(3)),
        "hide": bool(rng.integers(4)),
        "at": int(rng.integers(19)),
        "revealed": [name for name in ("z_in_0_0", "delta_0_0", "loss") if rng.integers(2)],
    }


def random_times(rng):
    grows, both = str(rng.choice(["depth", "width"])), ("depth", "width")
    known = {name: list(map(snap, rng.uniform(0, 2, 5))) for name in both if rng.integers(2)}
    return {"grows": grows, "milliseconds": known}


def random_order(rng):
    sizes = {f"n_{k}": int(rng.choice([1, 2, *rng.integers(1, 10_001, 2)])) for k in range(4)}
    chosen = {"ends": str(rng.choice(list(ENDS))), "way": str(rng.choice(WAYS))}
    known = {"1,2,2,2,2": list(map(snap, rng.uniform(0, 2, 3)))}
    counts = {"batch": int(rng.choice([1, rng.integers(1, 1001)])), "made": int(rng.integers(4))}
    return {**sizes, **chosen, **counts, "milliseconds": known}


def random_difference(rng):
    x = {
        f"x_{k}": snap(float(rng.choice([round(rng.uniform(-2, 2), 1), 0.0, 1.0]))) for k in (1, 2)
    }
    return {**x, "k": int(rng.integers(17)), "by": int(rng.integers(2))}


def random_chain(rng):
    numbers = {"weight": 10, "z": 6, "bias": 6}
    drawn = {name: round(float(rng.uniform(-most, most)), 1) for name, most in numbers.items()}
    activation, layers = str(rng.choice(list(ACTIVATIONS))), int(rng.integers(1, 13))
    return {"layers": layers, "activation": activation, "hold": bool(rng.integers(2)), **drawn}


def random_depth(rng):
    """Not so deep that a network makes a last bit a difference in the third digit."""
    switches = {name: bool(rng.integers(2)) for name in ("residual", "normalised")}
    return switches | {
        "depth": int(rng.integers(1, 13)),
        "width": int(rng.integers(12, 33)),
        "scale": round(float(rng.uniform(0, 2)), 2),
        "bias": round(float(rng.uniform(-1, 1)), 1),
        "seed": int(rng.integers(1000)),
        "activation": str(rng.choice(list(ACTIVATIONS))),
        "init": str(rng.choice([*bl.INITIALISATIONS, OWN])),
        "loss": str(rng.choice(list(OUTPUTS))),
    }


def random_rate(rng):
    rates = [round(rng.uniform(0, 2.6), 2), float(rng.uniform(0, 2.6)), 0.0, 1.0, 2.0]
    return {"rate": snap(float(rng.choice(rates)))}


def random_step(rng):
    rate = rng.choice([round(2 * rng.uniform(0, 60)) / 2, rng.uniform(0, 60), 0.0])
    return {"rate": snap(float(rate))}


def random_problem(rng):
    topic, level = str(rng.choice(list(drill.SUBJECTS))), int(rng.integers(1, 4))
    number, hints = int(rng.integers(1, drill.MOST + 1)), int(rng.choice([0, 1, 3, drill.SOLVED]))
    if not rng.integers(5):  # a number in it has no digit among the first four decimals
        topic, level, number = "batch", 2, 4
    names = ["z_out_0_0", "delta_0_0", "W_0_0_0", "new_W_0_0_0"]
    typed = {name: f"{rng.uniform(-1, 1):.4f}" for name in names if rng.integers(2)}
    return {
        "topic": topic,
        "level": level,
        "notation": str(rng.choice(list(NOTATIONS))),
        "number": number,
        "tries": {f"{topic}-{level}-{number}": {"typed": typed, "hints": hints}},
    }


DRAWS = [
    (explore.steps_on_a_parabola, random_rate), (explore.risk_after_a_step, random_step),
    (explore.counts, random_counts), (explore.signal, random_signal),
    (explore.timing, random_times), (explore.any_network, random_network),
    (explore.product_order, random_order), (explore.difference, random_difference),
    (explore.chain_of_neurons, random_chain), (explore.deep_network, random_depth),
    (explore.algorithm, random_algorithm), (drill.play, random_problem),
]  # fmt: skip


def test_every_app_that_draws_its_views_in_the_page_is_here():
    folder = Path(explore.__file__).parent
    drawn = {path.stem for path in folder.glob("*.py") if "page.view(" in path.read_text("utf-8")}
    here = {app.__name__ for app in (*dict(DRAWS), *dict(WORKS))}
    assert drawn <= here, "add it to DRAWS, or to WORKS if it has work"


@STATES
@pytest.mark.parametrize(("app", "draw"), DRAWS)
def test_a_view_is_the_same_tree_in_the_page(page, app, draw, states):
    assert (DEPTHS[-1], WIDTHS[-1]) == (12, 8)
    (live,) = [widget for widget in inside(app()) if isinstance(widget, Live)]
    rng = np.random.default_rng(7)
    given = [draw(rng) for _ in range(states)]
    found = in_page(page, live, [[values, []] for values in given])
    refused = 0
    for values, tree in zip(given, found, strict=True):
        if isinstance(tree, str):
            with pytest.raises(ValueError, match=re.escape(tree)):
                live.computes(values)
            refused += 1
            continue
        expected = plain(live.computes(values))
        numbers = {name: v for name, v in expected.items() if isinstance(v, float)}
        got = {name: tree.pop(name) for name in numbers}
        assert tree == {name: v for name, v in expected.items() if name not in numbers}, values
        assert list(got.values()) == pytest.approx(list(numbers.values()), rel=1e-11, abs=1e-11)
    assert (0.1 < refused / states < 0.5) == (app is explore.algorithm)


def random_training(rng):
    """A run in slices with other rates, or one after another; some cannot begin, some overflow.
    Rates so large that a run is chaotic are in no slice that goes on."""
    rates = [0.1, 0.5, round(rng.uniform(0.1, 2), 1)]
    kind = str(rng.choice([live for _, live in STARTS]))
    values = {
        "start": kind,
        "units": int(rng.integers(1, 9)) if kind != "lecture" or not rng.integers(4) else 2,
        "activation": str(rng.choice(list(ACTIVATIONS))),
        "loss": str(rng.choice(["half_squared_error", "binary_cross_entropy", "squared_error"])),
        "seed": int(rng.integers(1000)),
        "rate": snap(float(rng.choice(rates))),
        "batch": int(rng.integers(2)),
        "speed": int(rng.choice([1, 3, 10])),
    }
    more = [{}, {"batch": int(rng.integers(2))}, {"rate": snap(float(rng.choice(rates)))}]
    more.append({"begin": True, "seed": int(rng.integers(5))})
    if not rng.integers(8):
        overflows = {"activation": "identity", "loss": "binary_cross_entropy", "rate": 20.0}
        lecture = {"start": "lecture", "units": 2, "batch": 0, "speed": 100}
        return values | overflows | lecture, [{}] * int(rng.integers(1, 4))
    return values, [more[k] for k in rng.choice(4, rng.integers(5), p=[0.5, 0.2, 0.2, 0.1])]


def random_learning(rng):
    values = {"depth": int(rng.integers(1, 13)), "rate": round(float(rng.uniform(0.01, 0.5)), 2)}
    return values, [[{}, {"rate": 0.3}][k] for k in rng.integers(2, size=rng.integers(4))]


def random_map(rng):
    low, high = MAP_SCALES[0], MAP_SCALES[-1]
    scale = float(rng.choice([rng.uniform(low, high), low, high, 1.0, round(rng.uniform(1, 8), 1)]))
    values = {
        "activation": str(rng.choice(list(ACTIVATIONS))),
        "depth": int(rng.integers(2, 101)),
        "scale": snap(scale),
    }
    return values, [{}] * (len(MAP_DEPTHS) * int(rng.integers(4)))


WORKS = [
    (explore.xor_training, random_training),
    (explore.deep_training, random_learning),
    (explore.phase_map, random_map),
]


@pytest.mark.parametrize(
    ("app", "draw", "count", "fewest", "most"),
    [
        (*WORKS[0], 200, 10, 70), (*WORKS[1], 60, 0, 0), (*WORKS[2], 15, 0, 0),
        by_night(*WORKS[2], 60, 0, 0),
    ],
)  # fmt: skip
def test_work_is_shown_the_same_in_the_page(page, app, draw, count, fewest, most):
    """Slices of it, other settings between them, and work begun after other work."""
    live, rng = app().page, np.random.default_rng(17)
    work, given = live.computes.work, [draw(rng) for _ in range(count)]
    program = SCRIPTS["runtime"] + live.computes.javascript
    found = json.loads(page.evaluate(WORKED, [program, given]))
    refused = 0
    for (values, slices), tree in zip(given, found, strict=True):
        if isinstance(tree, str):
            with pytest.raises(ValueError, match=re.escape(tree)):
                work.begin(values, None)
            refused += 1
            continue
        record = work.begin(values, None)
        for more in slices:
            now = values | more
            record = work.begin(now, record) if "begin" in more else work.on(now, record)
        expected = plain(live.computes(values | {"work": record}))
        if (
            values.get("scale", 1) > 1
        ):  # such networks may make a last bit a difference in the first
            tree, expected = tree["map"], expected["map"]
        assert tree == expected, (values, slices)
    assert fewest <= refused <= most


def of_any_values(rng, live):
    """What an app's controls may hold: any option of each list, numbers, switches, a step."""
    data = live.data
    rows = [rows[rng.integers(len(rows))] for rows in data["tables"].values()]
    moves = rng.integers(2)  # else they are where a lecture's printed numbers belong
    numbers = {
        name: snap(rng.uniform(number["low"], number["high"])) if moves else number["value"]
        for name, number in data["numbers"].items()
    }
    switches = {name: bool(rng.integers(2)) for name in data["flags"]}
    chosen = {name: value for row in rows for name, value in row.items()}
    return chosen | numbers | switches | {"at": int(rng.integers(16))}


WALKED = {
    "xor": lambda: explore.walkthrough(lectures.xor(), printed=True),
    "csc311": lambda: explore.walkthrough(lectures.csc311()),
    "algorithm": lambda: explore.algorithm((3, 4, 1)),
    "valve": explore.valve,
    "graph": explore.graph,
    "overlap": explore.overlap,
    "notations": explore.notation_switch,
    "nudge": explore.nudge_app,
}
"""Apps whose picture is drawn once, of which a scene shows parts."""


@STATES
@pytest.mark.parametrize("make", WALKED.values(), ids=WALKED)
def test_a_scene_is_the_same_in_the_page(page, make, states):
    (live,) = [widget for widget in inside(make()) if isinstance(widget, Live)]
    rng = np.random.default_rng(5)
    given = [of_any_values(rng, live) for _ in range(states)]
    source = SCRIPTS["runtime"] + live.program
    found = json.loads(page.evaluate(SCENES, [source, given]))
    for values, scene in zip(given, found, strict=True):
        assert scene == plain(live.computes.scene(values)), values
    assert len({json.dumps(scene) for scene in found}) > 1


def random_golf(rng):
    """A guess, mostly a good one, then presses, most of them tiles."""
    acts = [("guess", str(rng.choice(["15", " 9 ", "x", "", "-1", "1,5"])))]
    for _ in range(int(rng.integers(1, 25))):
        what = rng.choice(["press"] * 12 + ["undo"] * 2 + ["restart", "alone", "guess"])
        acts.append((str(what), str(rng.integers(0, 10)) if what in ("press", "guess") else ""))
    return acts


def random_gallery(rng):
    acts = []
    for _ in range(8):
        what = str(rng.choice([*gallery.QUESTION, "suspect", *["diagnosis"] * 4]))
        options = {"suspect": list(gallery.SUSPECTS), "diagnosis": gallery.NAMES, **CHOICES}[what]
        acts.append((what, str(options[rng.integers(len(options))])))
    return acts


@STATES
@pytest.mark.parametrize(
    ("play", "draw"), [(golf.play, random_golf), (gallery.play, random_gallery)]
)
def test_a_press_does_the_same_in_the_page(page, play, draw, states):
    """At least so many states, each of them shown."""
    live, rng = play().page, np.random.default_rng(11)
    start, given = live.state, [draw(rng) for _ in range(states // 8 + 1)]
    assert sum(map(len, given)) >= states
    found = in_page(page, live, [[start, acts] for acts in given])
    for acts, (end, shown) in zip(given, found, strict=True):
        state = start
        for (what, value), tree in zip(acts, shown, strict=True):
            state = live.computes.changed(state, what, value)
            assert tree == plain(live.computes(state)), (what, value)
        assert end == json.loads(json.dumps(state))
