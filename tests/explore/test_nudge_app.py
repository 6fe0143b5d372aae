"""A nudge: difference quotients of the loss and of every factor, down to round-off."""

import xml.etree.ElementTree as ET

import pytest
import sympy as sp

from backprop_lab import explore
from backprop_lab.core.keys import Key
from backprop_lab.explore.nudge_app import nudge_view, nudged
from tests.markup import on_page
from tests.xor import FACTORS, NAMES, START, by_hand, sigma


def nudge_rows(weight, power):
    """The rows of the table that is shown: nudged, computed, difference, as texts."""
    kind, *index = weight.split("_")
    table = on_page(nudge_view(Key(kind, *map(int, index)), power)["table"])
    rows = {}
    for row in ET.fromstring(table).iter("tr"):
        if named := [cell.get("data-q") for cell in row if cell.get("data-q")]:
            prefix, quantity = named[0].split("_nudged_")
            assert prefix == weight
            assert named == [f"{weight}_nudged_{quantity}", f"{weight}_difference_{quantity}"]
            rows[quantity] = [cell.text for cell in row][1:]
    return rows


@pytest.mark.parametrize("power", [0, 1, 4])
@pytest.mark.parametrize("weight", NAMES)
def test_nudge_view_of_the_whole_loss(weight, power):
    h = 10**-power
    up, down = (by_hand(START | {weight: START[weight] + s * h})["loss"] for s in (1, -1))
    slope, exact = (up - down) / (2 * h), by_hand(START)["d" + weight]
    rows = nudge_rows(weight, power)
    assert list(rows) == [*FACTORS[weight], f"d{weight}"]
    assert rows[f"d{weight}"] == [f"{v:z.6f}" for v in (slope, exact, slope - exact)]


@pytest.mark.parametrize("power", [0, 2])
def test_nudge_view_of_every_factor(power):
    h, now = 10**-power, by_hand(START)
    y, f, f_in, z1_in = 1, now["z_out_1_0"], now["z_in_1_0"], now["z_in_0_0"]
    expected = {
        "loss_by_z_out_1_0": ((y - f - h) ** 2 - (y - f + h) ** 2) / (4 * h),
        "z_out_1_0_by_z_in_1_0": (sigma(f_in + h) - sigma(f_in - h)) / (2 * h),
        "z_in_1_0_by_z_out_0_0": START["W_1_0_0"],
        "z_out_0_0_by_z_in_0_0": (sigma(z1_in + h) - sigma(z1_in - h)) / (2 * h),
        "z_in_0_0_by_W_0_0_0": 1.0,
    }
    rows = nudge_rows("W_0_0_0", power)
    assert list(rows) == [*expected, "dW_0_0_0"]
    for name, value in expected.items():
        assert rows[name] == [f"{v:z.6f}" for v in (value, now[name], value - now[name])]


def test_the_smallest_nudges_are_round_off():
    """A double's: the best h is neither large nor small, and at 10^-16 next to nothing is right."""

    def off(power):
        rows = nudge_rows("W_0_0_0", power)
        return max(abs(float(nudged) - float(now)) for nudged, now, _ in rows.values())

    errors = [off(power) for power in range(17)]
    assert errors[0] > 1e-3
    assert max(errors[4:9]) <= 1e-6
    assert 1e-6 < errors[12] < errors[14] < errors[16]
    assert nudge_rows("W_1_0_0", 16)["dW_1_0_0"][0] == "0.000000"
    assert nudge_rows("W_1_0_0", 16)["loss_by_z_out_1_0"][0] == "-0.260209"


def test_round_off_is_that_of_doubles():
    """Sums and products are rounded as the processor rounds them, to the last bit."""
    u, z, c = sp.symbols("u z c", real=True)
    numbers = {u: -0.22, z: 0.37051688803260513, c: 0.78}
    values = {symbol: sp.Float(value) for symbol, value in numbers.items()}
    for power in range(17):
        h = float(f"1e-{power}")
        up, down = ((-0.22 + move) * numbers[z] + 0.78 for move in (h, -h))
        assert nudged([(sp.Dummy(), u * z + c)], values, u, power) == (up - down) / (2 * h)


def test_nudge_app_takes_a_name_and_refuses_another():
    app = explore.nudge_app("W_12")
    assert app.controls["weight"].value == ("W", 0, 0, 1)
    app.controls["power"].value = 2
    app.controls["weight"].value = ("b", 1, 0)
    app.refresh()
    assert app.views["table"].value == nudge_view(Key("b", 1, 0), 2)["table"]
    with pytest.raises(ValueError, match="W_99"):
        explore.nudge_app("W_99")
