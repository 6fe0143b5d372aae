"""The steps of the walk-through: what the page must mark, say and show at each."""

import re

import backprop_lab as bl
from backprop_lab.page import walk

from .app import STAGES
from .numbers import NAMES, START, everything

PLACES = {"W_0_0_0", "W_0_0_1", "W_0_1_0", "W_0_1_1", "W_1_0_0", "W_1_1_0", "x_0", "x_1", "loss"}
PLACES |= {"z_out_0_0", "z_out_0_1", "z_out_1_0"}
NOW = "rgb(184, 122, 0) 6px"  # --bl-now, thicker than a path


def steps_of(stage, weight):
    """The steps of a stage, for a weight; tests/page/test_walk.py says what they are."""
    net, x, y, loss = (getattr(bl.lectures.xor(), of) for of in ("network", "x", "y", "loss"))
    f = bl.forward(net, x)
    g = bl.backward(net, f, y, loss)
    steps = walk.forward_steps((2, 2, 1), bl.trace(g))
    if stage != STAGES[0]:
        found, group = bl.chain(g, weight), f"{NAMES[weight]}_cards"
        steps += walk.chain_steps(found, group)
        update = walk.update_step(found.name, found.rate.name, found.key, group)
        steps += [update] * (stage == STAGES[2])
    return steps


def caption(steps, at):
    """What is said of step number `at`, at the lecture's numbers."""
    if not at:
        return f"{len(steps)} steps; press Next."
    numbers = everything(START)
    text = re.sub(r"\[(\w+)\]", lambda match: f"{numbers[match[1]]:z.4f}", steps[at - 1].text)
    return f"Step {at} of {len(steps)}. {text}"


def out_of_step(made, steps, at):
    """What the page shows of step number `at` and what it must show, where they differ."""
    found = made.get("now(ROOT)") | {"caption": made.read()["caption"]}
    places, known = (steps[at - 1].places, steps[at - 1].known) if at else ((), ())
    expected = {
        "places": sorted(PLACES.intersection(places)),
        "strokes": [NOW] * bool(PLACES.intersection(places)),
        "cards": sorted(name for name in known if not name.startswith("new_")),
        "groups": [steps[at - 1].group],  # before the first step as at the last
        "caption": caption(steps, at),
    }
    return {key: (found[key], v) for key, v in expected.items() if found[key] != v}
