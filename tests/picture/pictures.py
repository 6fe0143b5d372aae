"""Pictures to test, and how their markup is read."""

import xml.etree.ElementTree as ET

import backprop_lab as bl
from backprop_lab.core.keys import Key, named_values, parameters
from backprop_lab.core.network import quantities
from backprop_lab.picture import diagram

LECTURE = bl.lectures.xor()
WIDTHS = LECTURE.network.widths
ROOMY = [(1, 1), (2, 1), (1, 2), (2, 2), (1, 1, 1), (2, 2, 1), (1, 2, 2), (2, 2, 2)]
ROOMY += [(2, 3, 1), (3, 3, 3), (2, 2, 2, 1)]
CROWDED = [(3, 3, 3, 1), (3, 4, 3, 1), (4, 4, 4, 2), (4, 1, 4, 4)]
SHAPES = [*ROOMY, *CROWDED]


def keys_of(widths):
    units = [(layer, j) for layer, n in enumerate(widths[1:]) for j in range(n)]
    keys = [Key(kind, i) for kind in ("x", "dx") for i in range(widths[0])]
    keys += [Key("y", j) for j in range(widths[-1])] + [Key("loss")]
    keys += [Key(kind, *unit) for kind in ("z_in", "z_out", "delta") for unit in units]
    return keys + [k for key in parameters(widths) for k in (key, key.gradient)]


def values_of(widths):
    net = bl.Network.mlp(list(widths), activation="sigmoid", seed=1)
    f = bl.forward(net, [0.5, -0.25, 1.5, -1.0][: widths[0]])
    return quantities(bl.backward(net, f, [1.0, 0.0, 0.0, 0.5][: widths[-1]]))


def shown(widths=WIDTHS, backward=True, **arguments):
    return diagram.network(widths, "LMU", backward, **arguments)(named_values(values_of(widths)))


def tree(markup):
    return ET.fromstring(str(markup))


def names(markup):
    return [element.get("data-q") for element in tree(markup).iter() if element.get("data-q")]


def number(markup, quantity):
    (found,) = (e for e in tree(markup).iter() if e.get("data-q") == quantity)
    return found.text


def classes(element):
    return set((element.get("class") or "").split())


def off(markup):
    """The elements that are switched off, each as the tokens it waits for."""
    return [e.get("data-when") for e in tree(markup).iter() if "off" in classes(e)]


def cells(markup):
    return [
        ["".join(cell.itertext()) for cell in row if cell.tag == "td"]
        for row in tree(markup).iter("tr")
    ]
