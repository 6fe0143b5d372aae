"""One picture of each kind, with its values."""

from backprop_lab.core.keys import named_values
from backprop_lab.picture import diagram
from backprop_lab.picture.charts import Axes, changes, loss_bars, loss_curve
from tests.picture.pictures import WIDTHS, values_of

AXES = Axes(x=(-6.0, 6.0), y=(0.0, 0.5))
POINTS = [(-6.0, 0.5), (0.0, 0.1), (6.0, 0.0)]
NEURON = {"w": -2.0, "z_out": 0.05, "loss": 0.45, "slope": -0.06}
BEFORE = [0.25, 0.1, 0.3]
AFTER = [0.27, 0.1, 0.05]


def curve():
    return loss_curve(AXES, POINTS, "w"), NEURON


def bars():
    return loss_bars(("a & b", "c", "mean")), changes(BEFORE, AFTER)


def walkthrough():
    return diagram.network(WIDTHS, "LMU", True), named_values(values_of(WIDTHS))


PICTURES = {"network": walkthrough, "curve": curve, "bars": bars}
