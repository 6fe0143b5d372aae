"""What the walk-through shows, by the lecture's names, against formulas written out by hand."""

from tests import xor as xor_by_hand
from tests.xor import FACTORS, by_hand

from .app import ALPHA, STAGES, SWITCHES

LECTURES = ("W_11", "W_12", "W_21", "W_22", "b_1", "b_2", "u_1", "u_2", "c")
NAMES = dict(zip(LECTURES, xor_by_hand.NAMES, strict=True))
"""The nine parameters: the lecture's name, and the one in the page's markup."""
START = {name: xor_by_hand.START[key] for name, key in NAMES.items()}
POINTS = ["(0, 0) → 0", "(0, 1) → 1", "(1, 0) → 1", "(1, 1) → 0"]


def xor(p, point):
    """Every number that the pictures name, and the slopes by the lecture's names."""
    numbers = by_hand({key: p[name] for name, key in NAMES.items()}, point)
    return numbers, {name: numbers[f"d{key}"] for name, key in NAMES.items()}


FORWARD = {*NAMES.values(), "x_0", "x_1", "y_0", "loss"}
FORWARD |= {f"{kind}_{unit}" for kind in ("z_in", "z_out") for unit in ("0_0", "0_1", "1_0")}
BACKWARD = FORWARD | {f"d{key}" for key in NAMES.values()}
BACKWARD |= {"delta_0_0", "delta_0_1", "delta_1_0"}


def chain(weight):
    """The names of a weight's factors."""
    return set(FACTORS[NAMES[weight]])


CHANGES = {f"{what}_{k}" for what in ("before", "after", "change") for k in range(5)}


def losses(p):
    """At the four points, and their mean."""
    each = [xor(p, point)[0]["loss"] for point in range(4)]
    return [*each, sum(each) / 4]


def changes(p, new):
    found = {}
    for k, (before, after) in enumerate(zip(losses(p), losses(new), strict=True)):
        found |= {f"before_{k}": before, f"after_{k}": after, f"change_{k}": after - before}
    return found


def wrong_numbers(found):
    """What the walk-through must show for what its controls say, and does not."""
    controls, shown = found["controls"], found["numbers"]
    p = {name: float(controls[name]) for name in NAMES}
    point = POINTS.index(controls["point"])
    expected, slopes = xor(p, point)
    (stage,) = set(found["pressed"]) - set(SWITCHES)
    names = FORWARD if stage == STAGES[0] else BACKWARD | chain(controls["weight"])
    if stage == STAGES[2]:
        new = {name: p[name] - float(controls[ALPHA]) * slopes[name] for name in NAMES}
        after, _ = xor(new, point)
        names = names | {f"new_{key}" for key in (*NAMES.values(), "z_out_1_0", "loss")} | CHANGES
        expected |= {f"new_{key}": value for key, value in after.items()}
        expected |= changes(p, new)
    if set(shown) != names:
        return set(shown) ^ names
    return {
        name: (text, expected[name])
        for name, text in shown.items()
        if abs(float(text) - expected[name]) > 0.50001 * 10.0 ** -len(text.partition(".")[2])
        or text.startswith("-0.0000")
        or len(text.partition(".")[2]) != (0 if name in ("x_0", "x_1", "y_0") else 4)
    }


def everything(p, point=2, alpha=0.5):
    """Every number of the walk-through by its name, those after the step too."""
    now, slopes = xor(p, point)
    new = {name: p[name] - alpha * slopes[name] for name in NAMES}
    return now | {f"new_{key}": v for key, v in xor(new, point)[0].items()} | changes(p, new)
