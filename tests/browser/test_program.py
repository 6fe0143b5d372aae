"""The page's own arithmetic against NumPy's: the printed program, run by a real browser."""

import numpy as np

from backprop_lab import draw, lectures
from backprop_lab.network import Layer, Network, backward, forward, quantities, step
from backprop_lab.notation import parameters
from backprop_lab.program import network_program

SETTINGS = 10_000
LARGEST_ERROR = 1e-11
RUN = """async ([program, settings]) => {
  const source = URL.createObjectURL(new Blob([program], {type: "text/javascript"}));
  const { compute } = await import(source);
  return settings.map(compute);
}"""


def setting(rng, point: int) -> dict[str, float]:
    """Nine parameters, half of them as far out as a slider goes, and a learning rate."""
    drawn = rng.uniform(-5, 5, 9) if rng.random() < 0.5 else rng.normal(size=9)
    names = map(draw.name, parameters((2, 2, 1)))
    lecture = lectures.xor()
    x, y = lecture.X[point], lecture.Y[point]
    return {name: float(value) for name, value in zip(names, drawn, strict=True)} | {
        "alpha": float(rng.uniform(0, 10)),
        "x_0": float(x[0]),
        "x_1": float(x[1]),
        "y_0": float(y[0]),
    }


def by_numpy(s: dict[str, float]) -> dict[str, float]:
    W = [[s["W_0_0_0"], s["W_0_0_1"]], [s["W_0_1_0"], s["W_0_1_1"]]]
    u = [[s["W_1_0_0"]], [s["W_1_1_0"]]]
    net = Network([Layer(W, [s["b_0_0"], s["b_0_1"]]), Layer(u, [s["b_1_0"]])])
    f = forward(net, [s["x_0"], s["x_1"]])
    g = backward(net, f, [s["y_0"]])
    new = step(net, g, s["alpha"])
    f_new = forward(new, f.x)
    after = quantities(f_new, backward(new, f_new, g.y))
    now = {draw.name(key): float(value) for key, value in quantities(f, g).items()}
    factors = {
        "loss_by_z_out_1_0": now["z_out_1_0"] - now["y_0"],
        "z_in_1_0_by_z_out_0_1": now["W_1_1_0"],
        "z_in_0_0_by_W_0_1_0": now["x_1"],
        "z_in_0_1_by_b_0_1": 1.0,
    }
    return now | {f"new_{draw.name(key)}": float(v) for key, v in after.items()} | factors


def test_the_page_computes_what_numpy_computes(context):
    rng = np.random.default_rng(8)
    settings = [setting(rng, k % 4) for k in range(SETTINGS)]
    page = context.new_page()
    found = page.evaluate(RUN, [network_program((2, 2, 1)).javascript, settings])
    page.close()
    compared = set()
    for given, got in zip(settings, found, strict=True):
        expected = by_numpy(given)
        for name in got.keys() & expected.keys():
            scale = max(abs(expected[name]), 1e-8)
            assert abs(got[name] - expected[name]) <= LARGEST_ERROR * scale, (name, given)
        compared |= got.keys() & expected.keys()
    assert len(compared) > 50
