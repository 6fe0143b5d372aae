"""One neuron: its loss and slope are right, for every weight."""

import re
import xml.etree.ElementTree as ET

import pytest

from backprop_lab import explore
from backprop_lab.explore.one_neuron import one_neuron_view
from tests.markup import assert_shown
from tests.xor import sigma


@pytest.mark.parametrize("b", [-3.0, 0.0, 1.25])
@pytest.mark.parametrize("w", [-6.0, -2.0, 0.0, 0.35, 6.0])
def test_one_neuron_shows_loss_and_slope(w, b):
    a = sigma(1.5 * w + b)
    expected = {"w": w, "z_out": a, "loss": (1 - a) ** 2 / 2, "slope": (a - 1) * a * (1 - a) * 1.5}
    markup = one_neuron_view(w, b)["picture"]
    assert set(assert_shown(markup, expected)) == {"w", "z_out", "loss", "slope"}
    axes, point = (e.get("transform") for e in ET.fromstring(markup).iter("g"))
    assert axes == "matrix(47.000000 0 0 -432.000000 338.000000 250.000000)"
    moved = (1, expected["slope"], 0, 1, w, expected["loss"])
    assert point == f"matrix({' '.join(f'{v:z.6f}' for v in moved)})"


@pytest.mark.parametrize("b", [-3.0, 0.5])
def test_one_neuron_draws_the_loss_for_every_weight(b):
    markup = one_neuron_view(1.0, b)["picture"]
    (path,) = re.findall(r'class="curve" d="M([^"]+)"', markup)
    points = [tuple(map(float, point.split())) for point in path.split("L")]
    assert [w for w, _ in points] == pytest.approx([-6 + k / 10 for k in range(121)])
    for w, loss in points:
        assert loss == pytest.approx((1 - sigma(1.5 * w + b)) ** 2 / 2, abs=5.1e-7)


def test_one_neuron_starts_where_it_is_told():
    assert explore.one_neuron(1.5, -1.0).settings() == {"w": 1.5, "b": -1.0}
