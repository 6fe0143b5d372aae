"""The lectures' numbers: the exact run to 1e-12, and the verdict on each printed number."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl

DATA = Path(__file__).parents[1] / "data"
XOR = json.loads((DATA / "xor_reference.json").read_text(encoding="utf-8"))
CH8 = json.loads((DATA / "ch8_reference.json").read_text(encoding="utf-8"))

XOR_PARAMETERS = {
    "W11": ("W", 0, 0, 0),
    "W12": ("W", 0, 0, 1),
    "W21": ("W", 0, 1, 0),
    "W22": ("W", 0, 1, 1),
    "b1": ("b", 0, 0),
    "b2": ("b", 0, 1),
    "u1": ("W", 1, 0, 0),
    "u2": ("W", 1, 1, 0),
    "c": ("b", 1, 0),
}
XOR_FORWARD = {
    "z1_in": ("z_in", 0, 0),
    "z2_in": ("z_in", 0, 1),
    "z1_out": ("z_out", 0, 0),
    "z2_out": ("z_out", 0, 1),
    "f_in": ("z_in", 1, 0),
    "f_out": ("z_out", 1, 0),
    "loss": ("loss",),
}


def passes(lecture, net=None):
    net = net or lecture.network
    f = bl.forward(net, lecture.x)
    return net, f, bl.backward(net, f, lecture.y, lecture.loss)


def slope_of(key):
    return ("d" + key[0], *key[1:])


# --- LMU-8 ---------------------------------------------------------------------------------------


def test_xor_before_the_update():
    lecture = bl.lectures.xor()
    _, _, g = passes(lecture)
    q = bl.quantities(g)
    signals = {"delta_out": ("delta", 1, 0), "delta_1": ("delta", 0, 0), "delta_2": ("delta", 0, 1)}
    for name, key in (XOR_FORWARD | signals).items():
        assert abs(q[key] - XOR["forward_and_local"][name]) <= 1e-12, name
    for name, key in XOR_PARAMETERS.items():
        assert q[key] == XOR["parameters"][name]
        assert abs(q[slope_of(key)] - XOR["gradient"][name]) <= 1e-12, name
    assert lecture.x.tolist() == XOR["x"]
    assert lecture.y.tolist() == [XOR["y"]]
    assert lecture.learning_rate == XOR["alpha"]


def test_xor_local_derivatives():
    _, _, g = passes(bl.lectures.xor())
    reference = XOR["forward_and_local"]
    first, second = (bl.chain(g, name).factors for name in ("W_11", "W_12"))
    for value, name in (
        (first[0].value, "dL_dfout"),
        (first[1].value, "dfout_dfin"),
        (first[3].value, "dz1out_dz1in"),
        (second[3].value, "dz2out_dz2in"),
    ):
        assert abs(value - reference[name]) <= 1e-12, name
    for name, key in XOR_PARAMETERS.items():
        assert abs(bl.chain(g, key).value - XOR["gradient"][name]) <= 1e-12, name


def test_xor_after_the_update():
    lecture = bl.lectures.xor()
    net, _, g = passes(lecture)
    _, _, g = passes(lecture, bl.step(net, g, lecture.learning_rate))
    q = bl.quantities(g)
    for name, key in XOR_PARAMETERS.items():
        assert abs(q[key] - XOR["updated_parameters"][name]) <= 1e-12, name
    for name, key in XOR_FORWARD.items():
        assert abs(q[key] - XOR["after_update"][name]) <= 1e-12, name


# The printed numbers in order: name in the reference, ledger row, and to six digits what the line
# gives with the numbers printed before it.
PRINTED = [
    ("z1_in", "L8-23", "-0.530000"),
    ("z1_out", "L8-24", "0.370517"),
    ("z2_in", "L8-26", "1.04000"),
    ("z2_out", "L8-27", "0.738850"),
    ("f_in", "L8-29", "1.12705"),
    ("f_out", "L8-31", "0.752539"),
    ("loss", "L8-33", "0.0306281"),
    ("dL_dfout", "L8-41", "-0.247500"),
    ("dfout_dfin", "L8-44", "0.186244"),
    ("g_u1", "L8-49", "-0.0170743"),
    ("u1_new", "L8-53", "-0.211450"),
    ("dz1", "L8-63", "0.233230"),
    ("g_W11", "L8-68", "0.00236432"),
    ("W11_new", "L8-71", "-0.0712000"),
    ("W12_new", "L8-72", "0.942578"),
    ("b1_new", "L8-74", "-0.461200"),
    ("b2_new", "L8-75", "0.102578"),
    ("u2_new", "L8-76", "0.597026"),
    ("c_new", "L8-77", "0.803042"),
    ("f_new", "L8-78", "0.762502"),
    ("L_new", "L8-79", "0.0284411"),
]


def test_verdicts_on_the_printed_numbers_of_xor():
    numbers = bl.lectures.xor().printed
    assert len(numbers) == len(PRINTED) == len(XOR["as_printed_in_lecture"]) == 21
    for printed, (name, row, recomputed) in zip(numbers, PRINTED, strict=True):
        assert printed.row == row
        assert printed.text == XOR["as_printed_in_lecture"][name]
        assert f"{printed.recomputed:#.6g}" == recomputed, name
        agrees = XOR["printed_equals_rounded_exact"][name]
        wrong = name in ("f_in", "f_new")
        assert printed.verdict == ("agrees" if agrees else "wrong" if wrong else "inherited"), name


def test_exact_values_beside_the_printed_ones():
    reference = XOR["forward_and_local"] | {
        "g_u1": XOR["gradient"]["u1"],
        "g_W11": XOR["gradient"]["W11"],
        "dz1": XOR["forward_and_local"]["dz1out_dz1in"],
        "f_new": XOR["after_update"]["f_out"],
        "L_new": XOR["after_update"]["loss"],
    }
    reference |= {f"{name}_new": value for name, value in XOR["updated_parameters"].items()}
    for printed, (name, *_) in zip(bl.lectures.xor().printed, PRINTED, strict=True):
        assert abs(printed.exact - reference[name]) <= 1e-12, name


def test_the_rounding_tie():
    """-0.22 - 0.5 · (-0.0171) = -0.21145: in decimals a tie, half away from zero -0.2115."""
    tie = next(p for p in bl.lectures.xor().printed if p.row == "L8-53")
    assert tie.recomputed == -0.21145
    assert tie.text == "-0.2115"
    assert tie.verdict == "inherited"
    assert tie._is_rounding_of(-0.21145)
    assert not tie._is_rounding_of(-0.21144999)
    assert tie._is_rounding_of(-0.21154999)
    assert not tie._is_rounding_of(-0.21155)


@pytest.mark.parametrize(("u2", "agrees"), [(0.58, False), (0.56, True)])
def test_what_f_in_would_have_come_from(u2, agrees):
    lecture = bl.lectures.xor()
    hidden, output = lecture.network.layers
    net = bl.Network([hidden, bl.Layer([output.W[0], [u2]], output.b)])
    assert (f"{bl.forward(net, lecture.x).z_in[1][0]:.4f}" == "1.1122") is agrees
    # With the operands that are printed neither passes the test that each printed number is put to.
    printed = next(p for p in lecture.printed if p.row == "L8-29")
    weight = next(symbol for symbol in printed.operands if symbol.name == "u_{2}")
    line = printed.line.xreplace(printed.operands | {weight: sp.Rational(str(u2))})
    other = replace(printed, recomputed=float(line))
    assert other.verdict == "wrong"
    assert f"{other.recomputed:.4f}" == ("1.1123" if agrees else "1.1271")


def losses(net, lecture):
    return np.array(
        [
            bl.backward(net, bl.forward(net, x), y).loss
            for x, y in zip(lecture.X, lecture.Y, strict=True)
        ]
    )


@pytest.mark.parametrize("alpha", [0.5, 1e-1, 1e-3, 1e-5])
def test_one_step_on_one_point_raises_the_mean_loss(alpha):
    lecture = bl.lectures.xor()
    net, _, g = passes(lecture)
    before, after = losses(net, lecture), losses(bl.step(net, g, alpha), lecture)
    assert [tuple(x) for x in lecture.X] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert (after > before).tolist() == [True, False, False, True]
    assert after.mean() > before.mean()
    assert before.mean() == pytest.approx(0.15513, abs=5e-6)
    if alpha == 0.5:
        assert after.mean() == pytest.approx(0.15689, abs=5e-6)


def test_a_full_batch_step_lowers_the_mean_loss_and_raises_that_of_the_point():
    lecture = bl.lectures.xor()
    net = lecture.network
    g = bl.backward(net, bl.forward(net, lecture.X), lecture.Y)
    before, after = losses(net, lecture), losses(bl.step(net, g, 0.5), lecture)
    assert g.loss == pytest.approx(before.mean(), rel=1e-14)
    assert after.mean() == pytest.approx(0.15337, abs=5e-6)
    assert after.mean() < before.mean()
    assert after[2] > before[2]


# --- CH8 -----------------------------------------------------------------------------------------


def test_ch8():
    lecture = bl.lectures.ch8()
    net, f, g = passes(lecture)
    np.testing.assert_array_equal(net.layers[0].W, np.transpose(CH8["W1"]))
    np.testing.assert_array_equal(net.layers[0].b, CH8["b1"])
    np.testing.assert_array_equal(net.layers[1].W[:, 0], CH8["w2"])
    assert net.layers[1].b[0] == CH8["b2"]
    for got, expected in (
        (f.x, CH8["x"]),
        (g.y, [CH8["y"]]),
        (f.z_in[0], CH8["z1"]),
        (f.z_out[0], CH8["a1"]),
        (f.z_in[1], [CH8["z2"]]),
        (f.output, [CH8["a2"]]),
        (g.loss, CH8["loss"]),
        (g.delta[1], [CH8["delta_out"]]),
        (g.delta[0], CH8["delta_hidden"]),
        (g.db[1], [CH8["gradient"]["b2"]]),
    ):
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)
    for j in range(2):
        slope = CH8["gradient"]
        assert abs(g.dW[1][j, 0] - slope[f"w2_{j + 1}"]) <= 1e-12
        assert abs(g.db[0][j] - slope[f"b1_{j + 1}"]) <= 1e-12
        for i in range(2):
            key = ("W", 0, i, j)
            assert abs(g.dW[0][i, j] - slope[f"W1_{j + 1}{i + 1}"]) <= 1e-12
            chain = bl.chain(g, key, lecture.notation)
            assert abs(chain.value - slope[f"W1_{j + 1}{i + 1}"]) <= 1e-12


def test_the_printed_numbers_of_ch8():
    numbers = bl.lectures.ch8().printed
    assert [p.text for p in numbers] == [
        *("0.5", "1.1", "0.622", "0.750", "0.861", "0.703", "0.088"),
        *("-0.124", "-0.077", "-0.015", "-0.014", "-0.015"),
    ]


def test_each_line_of_ch8_gives_from_the_printed_numbers():
    numbers = bl.lectures.ch8().printed
    assert [f"{p.recomputed:#.6g}" for p in numbers] == [
        *("0.500000", "1.10000", "0.622459", "0.750260", "0.861000", "0.702870", "0.0882090"),
        *("-0.124022", "-0.0771280", "-0.0145772", "-0.0139500", "-0.0150000"),
    ]
    assert [p.row for p in numbers] == [
        *("C8-21", "C8-21", "C8-22", "C8-22", "C8-23", "C8-24", "C8-25", "C8-26", "C8-56"),
        *("C8-28", "C8-28", "C8-57"),
    ]


# --- CSC311, and what all have -------------------------------------------------------------------

VERDICTS = {
    "xor": {"agrees": 7, "inherited": 12, "wrong": 2},
    "ch8": {"agrees": 12},
    "csc311": {},
}
"""How many of a lecture's printed numbers have each verdict."""


def test_verdicts_of_every_lecture():
    found = {
        name: Counter(printed.verdict for printed in lecture.printed)
        for name, lecture in bl.lectures.LECTURES.items()
    }
    assert found == VERDICTS, "a new lecture's verdicts: add them to VERDICTS, here"


def test_csc311():
    lecture = bl.lectures.csc311()
    assert lecture.network.widths == (3, 4, 3, 1)
    assert lecture.printed == ()
    assert lecture.x.tolist() == [1.0, -0.5, 2.0]
    assert lecture.y.tolist() == [1.0]
    assert [layer.activation for layer in lecture.network.layers] == ["tanh", "tanh", "sigmoid"]
    assert all((layer.b == 0.1).all() for layer in lecture.network.layers)
    drawn = bl.Network.mlp([3, 4, 3, 1], seed=311)
    for layer, first in zip(lecture.network.layers, drawn.layers, strict=True):
        np.testing.assert_array_equal(layer.W, first.W.round(2))


@pytest.mark.parametrize("name", bl.lectures.LECTURES)
def test_what_every_lecture_has(name):
    lecture = bl.lectures.LECTURES[name]
    net, _, g = passes(lecture)
    assert lecture.notation in bl.NOTATIONS
    assert any((row == lecture.x).all() for row in lecture.X)
    assert bl.forward(net, lecture.X).output.shape == lecture.Y.shape
    assert lecture.credit
    dW, _ = bl.check.complex_step(g)
    assert all(bl.error(a, b) < 1e-12 for a, b in zip(g.dW, dW, strict=True))
