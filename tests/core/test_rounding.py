"""The one rounding: neighbouring floats come out the same, and nothing else is lost."""

from functools import partial

import numpy as np
import pytest

from backprop_lab.core.rounding import rounded, snap
from backprop_lab.formulas.notation import number
from backprop_lab.page.live import Live
from backprop_lab.page.program import Program
from backprop_lab.page.translate import javascript
from backprop_lab.picture import elements

TIES = [0.21145, -0.21145, 0.00005, 2.5, 1.00005, 123.45, -0.56785, 1e-7, 99999.5, 0.5]


def neighbours(value):
    """The value, and a few floats on either side, as another processor may have them."""
    found = [value]
    for way in (-np.inf, np.inf):
        near = value
        for _ in range(4):
            near = float(np.nextafter(near, way))
            found.append(near)
    return found


@pytest.mark.parametrize("tie", TIES)
def test_neighbours_of_a_tie_are_shown_alike(tie):
    near = neighbours(tie)
    assert len(set(near)) == 9
    for view in (
        snap,
        lambda v: rounded(v, 4),
        number,
        lambda v: str(elements.number("x", v)),
        lambda v: elements.Picture(elements.field("x"))({"x": v}),
        lambda v: row_of(v).values()["x"],
    ):
        assert len({view(value) for value in near}) == 1
    assert len({f"{value:.4f}" for value in neighbours(0.21145)}) == 2, "rounding alone tells apart"
    assert len({*snap(near)}) == len({*rounded(near, 4)}) == 1


def row_of(value):
    """What computes, told a value by a list's row."""
    return Live(Program(("x",), lambda values: values), tables={"row": (0, [{"x": value}])})


def times(x, factor):
    return factor * x


def test_a_program_has_the_same_text_for_neighbours():
    texts = {javascript(y=partial(times, factor=v)) for v in neighbours(0.029169484752128935)}
    assert len(texts) == 1


def test_snapping_keeps_twelve_digits_and_what_is_no_number():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(2000) * 10.0 ** rng.integers(-300, 300, 2000)
    assert np.abs(snap(values) / values - 1).max() < 5.1e-12
    assert (snap(snap(values)) == snap(values)).all()
    kept = np.array([0.0, -0.0, 1.0, -70.0, 0.46, 1e300, np.inf, -np.inf, np.nan, 5e-324])
    assert snap(kept).tobytes() == kept.tobytes()
    assert [snap(value) for value in kept[:-2].tolist()] == kept[:-2].tolist()
    assert snap(np.array(0.1 + 0.2)) == snap(0.1 + 0.2) == snap(np.float64(0.1 + 0.2)) == 0.3
    assert type(snap(np.array(0.5))) is type(snap(np.float64(0.5))) is type(snap(2)) is float
    assert snap(np.array([0.1 + 0.2, 3, "x"], dtype=object)).tolist() == [0.3, 3, "x"]
    assert rounded(np.array([[0.21145, 1.5]]), 4).shape == (1, 2)
