"""One picture of each kind, with its values."""

from backprop_lab.picture import draw
from tests.picture.pictures import WIDTHS, values_of

AXES = draw.Axes(x=(-6.0, 6.0), y=(0.0, 0.5))
POINTS = [(-6.0, 0.5), (0.0, 0.1), (6.0, 0.0)]
NEURON = {"w": -2.0, "z_out": 0.05, "loss": 0.45, "slope": -0.06}
BEFORE = [0.25, 0.1, 0.3]
AFTER = [0.27, 0.1, 0.05]


def curve():
    return draw.loss_curve(AXES, POINTS, "w"), NEURON


def bars():
    return draw.loss_bars(("a & b", "c", "mean")), draw.changes(BEFORE, AFTER)


def walkthrough():
    return draw.network(WIDTHS, "LMU", True), draw.named_values(values_of(WIDTHS))


PICTURES = {"network": walkthrough, "curve": curve, "bars": bars}
