"""The 2-2-1 network of the lecture and its gradient, from formulas written out by hand."""

import itertools
import math

from backprop_lab.core.keys import parameters

NAMES = [key.name for key in parameters((2, 2, 1))]
START = dict(zip(NAMES, (-0.07, 0.94, 0.22, 0.46, -0.46, 0.1, -0.22, 0.58, 0.78), strict=True))
XOR = {0: ((0, 0), 0), 1: ((0, 1), 1), 2: ((1, 0), 1), 3: ((1, 1), 0)}


def sigma(z):
    return 1 / (1 + math.exp(-z))


def by_hand(p, point=2):
    """The 2-2-1 network and its gradient, by the names that pictures use."""
    (x1, x2), y = XOR[point]
    z1_in = p["W_0_0_0"] * x1 + p["W_0_1_0"] * x2 + p["b_0_0"]
    z2_in = p["W_0_0_1"] * x1 + p["W_0_1_1"] * x2 + p["b_0_1"]
    z1, z2 = sigma(z1_in), sigma(z2_in)
    f_in = p["W_1_0_0"] * z1 + p["W_1_1_0"] * z2 + p["b_1_0"]
    f = sigma(f_in)
    delta = (f - y) * f * (1 - f)
    d1, d2 = delta * p["W_1_0_0"] * z1 * (1 - z1), delta * p["W_1_1_0"] * z2 * (1 - z2)
    return p | {
        "x_0": x1, "x_1": x2, "y_0": y, "z_in_0_0": z1_in, "z_in_0_1": z2_in, "z_out_0_0": z1,
        "z_out_0_1": z2, "z_in_1_0": f_in, "z_out_1_0": f, "loss": (y - f) ** 2 / 2,
        "delta_1_0": delta, "delta_0_0": d1, "delta_0_1": d2, "dW_0_0_0": d1 * x1,
        "dW_0_0_1": d2 * x1, "dW_0_1_0": d1 * x2, "dW_0_1_1": d2 * x2, "db_0_0": d1, "db_0_1": d2,
        "dW_1_0_0": delta * z1, "dW_1_1_0": delta * z2, "db_1_0": delta,
        "loss_by_z_out_1_0": f - y, "z_out_1_0_by_z_in_1_0": f * (1 - f),
        "z_out_0_0_by_z_in_0_0": z1 * (1 - z1), "z_out_0_1_by_z_in_0_1": z2 * (1 - z2),
        "z_in_1_0_by_z_out_0_0": p["W_1_0_0"], "z_in_1_0_by_z_out_0_1": p["W_1_1_0"],
        "z_in_1_0_by_W_1_0_0": z1, "z_in_1_0_by_W_1_1_0": z2, "z_in_1_0_by_b_1_0": 1.0,
        "z_in_0_0_by_W_0_0_0": x1, "z_in_0_0_by_W_0_1_0": x2, "z_in_0_0_by_b_0_0": 1.0,
        "z_in_0_1_by_W_0_0_1": x1, "z_in_0_1_by_W_0_1_1": x2, "z_in_0_1_by_b_0_1": 1.0,
    }  # fmt: skip


def moved(p, alpha, point=2):
    now = by_hand(p, point)
    return {name: p[name] - alpha * now["d" + name] for name in NAMES}


OUTPUT = ["loss_by_z_out_1_0", "z_out_1_0_by_z_in_1_0"]
FACTORS = {name: [*OUTPUT, f"z_in_1_0_by_{name}"] for name in ("W_1_0_0", "W_1_1_0", "b_1_0")}
for i, j in itertools.product(range(2), range(2)):
    hidden = [*OUTPUT, f"z_in_1_0_by_z_out_0_{j}", f"z_out_0_{j}_by_z_in_0_{j}"]
    FACTORS[f"W_0_{i}_{j}"] = [*hidden, f"z_in_0_{j}_by_W_0_{i}_{j}"]
    FACTORS[f"b_0_{j}"] = [*hidden, f"z_in_0_{j}_by_b_0_{j}"]


def losses(p):
    each = [by_hand(p, point)["loss"] for point in XOR]
    return [*each, sum(each) / 4]
