"""Activations and losses against mpmath, from formulas written down here a second time."""

import itertools
import re

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS, Activation
from backprop_lab.core.arguments import named
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.nodes import Node, Z, logsumexp

GRID = [0.0] + [
    sign * size
    for size in (1e4, 745, 710, 709, 100, 40, 37, 19, 10, 3, 1, 0.5, 0.1, 1e-3, 1e-8, 1e-12)
    for sign in (1.0, -1.0)
]
FAR = [sign * size for size in (1e9, 7.9e102, 1e155, 9e307, 1.7e308) for sign in (1.0, -1.0)]
SMALLEST_NORMAL = 2.3e-308
LARGEST = 1.79e308

# Textbook definitions, each arranged so that 50 digits are enough on the whole grid.


def _sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def _sigmoid_slope(z):
    return _sigmoid(z) * _sigmoid(-z)


def _gelu_u(z):
    return 2 * mp.sqrt(2 / mp.pi) * (z + mp.mpf("0.044715") * z**3)


def _gelu_du(z):
    return 2 * mp.sqrt(2 / mp.pi) * (1 + 3 * mp.mpf("0.044715") * z**2)


VALUE = {
    "identity": lambda z: z,
    "sigmoid": _sigmoid,
    "tanh": mp.tanh,
    "relu": lambda z: max(z, mp.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else z / 100,
    "elu": lambda z: z if z > 0 else mp.expm1(z),
    "softplus": lambda z: mp.log1p(mp.exp(z)),
    "silu": lambda z: z * _sigmoid(z),
    "gelu": lambda z: z * _sigmoid(_gelu_u(z)),
}
SLOPE = {
    "identity": lambda z: mp.mpf(1),
    "sigmoid": _sigmoid_slope,
    "tanh": lambda z: mp.sech(z) ** 2,
    "relu": lambda z: mp.mpf(z > 0),
    "leaky_relu": lambda z: mp.mpf(1) if z > 0 else mp.mpf(1) / 100,
    "elu": lambda z: mp.mpf(1) if z > 0 else mp.exp(z),
    "softplus": _sigmoid,
    "silu": lambda z: _sigmoid(z) + z * _sigmoid_slope(z),
    "gelu": lambda z: _sigmoid(_gelu_u(z)) + z * _gelu_du(z) * _sigmoid_slope(_gelu_u(z)),
}


def assert_close(got, expected, bound=1e-13):
    """To a relative error; below the normal floats, to nothing that a float could tell; beyond the
    largest, infinite."""
    assert np.isfinite(got) == (abs(expected) < LARGEST)
    if not np.isfinite(got):
        return
    got = mp.mpf(float(got))
    if abs(expected) < SMALLEST_NORMAL:
        assert abs(got) <= SMALLEST_NORMAL
    else:
        assert abs(got - expected) <= bound * abs(expected), (float(got), float(expected))


def test_every_activation_and_loss_is_here():
    assert list(ACTIVATIONS) == list(VALUE) == list(SLOPE), "add it to VALUE and SLOPE, here"
    assert list(LOSSES) == [
        "half_squared_error",
        "squared_error",
        "binary_cross_entropy",
        "softmax_cross_entropy",
    ]
    for table in (ACTIVATIONS, LOSSES):
        assert all(entry.name == name for name, entry in table.items())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_slopes_against_50_digits(name):
    activation = ACTIVATIONS[name]
    grid = [*GRID, *FAR, *activation.joints]
    values, slopes = activation(np.array(grid)), activation.slope(np.array(grid))
    with mp.workdps(50):
        for z, value, slope in zip(grid, values, slopes, strict=True):
            assert_close(value, VALUE[name](mp.mpf(z)))
            assert_close(slope, SLOPE[name](mp.mpf(z)))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_expressions_against_50_digits(name):
    """The oracle that the suite shows, SymPy with mpmath, is itself right, saturated or not."""
    activation = ACTIVATIONS[name]
    with mp.workdps(50):
        for z in (*GRID, 2.5, -2.5, *activation.joints):
            for expr, reference in (
                (activation.expr, VALUE[name]),
                (activation.derivative, SLOPE[name]),
            ):
                got = mp.mpf(str(sp.N(expr.xreplace({Z: sp.Rational(z)}), 30)))
                expected = reference(mp.mpf(z))
                # a sum of 30-digit numbers: ½z²·10³ in GELU's exponent takes some of the 30
                assert abs(got - expected) <= mp.mpf(10) ** -18 * abs(expected), (z, got, expected)


def _ones_of_nan():
    """Arrays of several sizes and layouts with one NaN among numbers, and its place."""
    rng = np.random.default_rng(3)
    for shape in ((), (1,), (3,), (8,), (67,), (5, 7), (3, 4, 5)):
        z = rng.normal(size=shape)
        place = tuple(rng.integers(n) for n in shape)
        for laid in (z, np.asfortranarray(z), np.stack([z, z], axis=-1)[..., 0], z.astype("f")):
            laid[place] = np.nan
            yield laid, place


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_comes_out_as_nan_and_only_there(name):
    for function in (ACTIVATIONS[name], ACTIVATIONS[name].slope):
        for z, place in _ones_of_nan():
            for each in (z, z + 0j):
                with np.errstate(invalid="ignore"):  # complex division warns of NaN
                    got = np.asarray(function(each))
                expected = np.zeros(z.shape, dtype=bool)
                expected[place] = True
                assert (np.isnan(got) == expected).all(), z
        assert np.isnan(function(np.nan))
        assert np.isnan(function(np.float64("nan")))
        symbols = function(np.array([sp.nan, Z], dtype=object))
        assert symbols[0] is sp.nan
        assert symbols[1] is not sp.nan


@pytest.mark.parametrize("name", LOSSES)
def test_no_loss_of_nan_is_finite(name):
    """An infinite output, which is what an overflow leaves, has no finite squared error either."""
    loss = LOSSES[name]
    for n, k in ((1, 0), (3, 0), (3, 2)):
        for y in np.eye(n):
            v = np.linspace(-1, 1, n)
            v[k] = np.nan
            assert np.isnan(loss(v, y))
            assert np.isnan(loss.slope(v, y)[k])
            assert np.isnan(loss(np.stack([v, y]), np.stack([y, y]))[0])
            if "squared" in name:
                v[k] = np.inf
                assert loss(v, y) == loss.slope(v, y)[k] == np.inf


def test_gelu_is_the_tanh_form():
    with mp.workdps(50):
        for z in map(mp.mpf, (-3, -1, -0.25, 0.5, 2, 5)):
            inner = mp.sqrt(2 / mp.pi) * (z + mp.mpf("0.044715") * z**3)
            textbook = z / 2 * (1 + mp.tanh(inner))
            # the exponent is up to 7, and so often is its error in the value
            assert_close(ACTIVATIONS["gelu"](np.array(float(z))), textbook, 4e-15)


def test_joints_and_kinks():
    """ELU's cases meet at 0 with the same slope."""
    assert {name for name, a in ACTIVATIONS.items() if a.joints} == {"relu", "leaky_relu", "elu"}
    assert {name for name, a in ACTIVATIONS.items() if a.kinks} == {"relu", "leaky_relu"}
    clipped = Activation("clipped", sp.Max(-1, sp.Min(Z, 6)))
    assert clipped.joints == clipped.kinks == (-1, 6)
    assert Activation("softsign", Z / (1 + sp.Abs(Z))).joints == (0,)
    assert Activation("softsign", Z / (1 + sp.Abs(Z))).kinks == ()


def test_slopes_at_the_kinks():
    at_zero = {name: float(a.slope(np.array(0.0))) for name, a in ACTIVATIONS.items()}
    assert at_zero["relu"] == 0
    assert at_zero["leaky_relu"] == 0.01
    assert at_zero["elu"] == 1
    symbolic = {name: a.derivative.xreplace({Z: sp.Integer(0)}) for name, a in ACTIVATIONS.items()}
    assert symbolic["relu"] == 0
    assert symbolic["leaky_relu"] == sp.Rational(1, 100)
    assert float(symbolic["elu"].evalf()) == 1


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 3)])
def test_shapes_are_kept(name, shape):
    z = np.full(shape, 0.3)
    for got in (ACTIVATIONS[name](z), ACTIVATIONS[name].slope(z)):
        assert np.shape(got) == shape
        assert np.asarray(got).dtype == float
    symbols = np.full(shape, Z, dtype=object)
    for got in (ACTIVATIONS[name](symbols), ACTIVATIONS[name].slope(symbols)):
        assert np.shape(got) == shape
        assert np.asarray(got).dtype == object


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_whole_numbers_are_taken_as_floats(name):
    whole = ACTIVATIONS[name](np.array([-1, 0, 2]))
    np.testing.assert_array_equal(whole, ACTIVATIONS[name](np.array([-1.0, 0.0, 2.0])))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_text_is_never_evaluated(name):
    with pytest.raises((ValueError, TypeError)):
        ACTIVATIONS[name](np.array(["__import__('os').getpid()"], dtype=object))


def test_every_node_has_a_numpy_form_of_the_same_value():
    nodes = {node.__name__: node for node in Node.__subclasses__()}
    for name, node in nodes.items():
        z = np.array([-30.0, -2.0, -0.5, 0.0] + ([] if "below" in name else [0.5, 2.0, 30.0]))
        got = node.numpy(z)
        exact = [float(node.definition(sp.Rational(v)).evalf(30)) for v in z]
        np.testing.assert_allclose(got, exact, rtol=1e-14, atol=0)
        assert all(np.isrealobj(v) for v in got)


def test_nodes_are_the_functions_that_they_stand_for():
    reference = {
        "sigmoid": _sigmoid,
        "sigmoid_slope": _sigmoid_slope,
        "softplus": VALUE["softplus"],
        "tanh": mp.tanh,
        "tanh_slope": SLOPE["tanh"],
        "exp_below": mp.exp,
        "expm1_below": mp.expm1,
        "gelu_gate": lambda z: _sigmoid(_gelu_u(z)),
        "gelu_gate_slope": lambda z: _gelu_du(z) * _sigmoid_slope(_gelu_u(z)),
    }
    with mp.workdps(50):
        for node in Node.__subclasses__():
            assert node(Z).is_real
            for z in (-100, -2, sp.Rational(-1, 8), sp.Rational(3, 4), 20):
                got = mp.mpf(str(node(sp.sympify(z)).evalf(30)))
                expected = reference[node.__name__](mp.mpf(sp.Rational(z).p) / sp.Rational(z).q)
                assert abs(got - expected) < mp.mpf(10) ** -27 * abs(expected)


@pytest.mark.parametrize("node", Node.__subclasses__())
def test_node_slopes_are_derivatives(node):
    for z in (-2, sp.Rational(-1, 3)):
        by_sympy = sp.diff(node.definition(Z), Z).subs(Z, z).evalf(30)
        assert abs(node.slope(sp.sympify(z)).evalf(30) - by_sympy) < 1e-25


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("sigmoid", r"\sigma\left(z\right)"),
        ("tanh", r"\tanh\left(z\right)"),
        ("elu", r"\begin{cases} z & \text{for}\: z > 0 \\e^{z} - 1 & \text{otherwise} \end{cases}"),
    ],
)
def test_latex(name, latex):
    assert ACTIVATIONS[name].latex == latex


# --- losses --------------------------------------------------------------------------------------


def column(*values):
    return np.array([values], dtype=float)


@pytest.mark.parametrize("a", GRID)
@pytest.mark.parametrize("y", [-1.0, 0.0, 1.0, 0.25])
def test_squared_errors(a, y):
    for name, factor in (("half_squared_error", 0.5), ("squared_error", 1.0)):
        loss = LOSSES[name]
        assert_close(loss(column(a), column(y))[0], factor * (mp.mpf(a) - mp.mpf(y)) ** 2)
        got = loss.slope(column(a), column(y))[0, 0]
        assert_close(got, 2 * factor * (mp.mpf(a) - mp.mpf(y)))


@pytest.mark.parametrize("y", [0.0, 1.0, 0.3])
def test_binary_cross_entropy(y):
    loss = LOSSES["binary_cross_entropy"]
    assert loss.output == "sigmoid"
    with mp.workdps(50):
        for z in map(mp.mpf, GRID + FAR):
            p = mp.mpf(y)
            value = p * mp.log1p(mp.exp(-z)) + (1 - p) * mp.log1p(mp.exp(z))
            slope = (1 - p) * _sigmoid(z) - p * _sigmoid(-z)
            assert_close(loss(column(z), column(y))[0], value)
            assert_close(loss.slope(column(z), column(y))[0, 0], slope)


def _softmax_reference(z, y):
    """-log p of the one that is true, and p - y, with 1 - p added up from the others."""
    e = [mp.exp(v - max(z)) for v in z]
    p = [v / sum(e) for v in e]
    true = y.index(1.0)
    others = sum(v for k, v in enumerate(p) if k != true)
    value = -mp.log1p(-others) if others < 0.5 else -mp.log(p[true])
    return value, [-others if k == true else v for k, v in enumerate(p)]


def _logits():
    rng = np.random.default_rng(8)
    for z in GRID + FAR:
        yield from ([z], [z, 0.0], [0.0, z], [z, z], [z, -z, 0.0])
    for scale in (1e-12, 1e-3, 1.0, 10.0, 40.0, 700.0, 1e4):
        for n in (2, 3, 5):
            yield (scale * rng.uniform(-1, 1, n)).tolist()


def test_softmax_cross_entropy():
    loss = LOSSES["softmax_cross_entropy"]
    assert loss.output == "identity"
    with mp.workdps(50):
        for z in _logits():
            for y in np.eye(len(z)).tolist():
                value, slopes = _softmax_reference([mp.mpf(v) for v in z], y)
                assert_close(loss(column(*z), column(*y))[0], value)
                for got, slope in zip(loss.slope(column(*z), column(*y))[0], slopes, strict=True):
                    assert_close(got, slope)


def test_the_formulas_of_softmax_keep_their_digits():
    """What a reader makes of them by SymPy, and what the page computes: no logit far out overflows,
    no share near 1 is lost."""
    loss = LOSSES["softmax_cross_entropy"]
    with mp.workdps(50):
        for n, logits in itertools.groupby(sorted(_logits(), key=len), len):
            z, y = (np.array(sp.symbols(f"{letter}:{n}"), dtype=object) for letter in "zy")
            formulas = [loss(z, y), *loss.slope(z, y)]
            safe = [sp.sympify(e).replace(logsumexp, logsumexp.safe) for e in formulas]
            computed = [sp.lambdify([*z, *y], each) for each in (formulas, safe)]
            for values in logits:
                if max(values) - min(values) > LARGEST:
                    continue
                for which in np.eye(n).tolist():
                    value, slopes = _softmax_reference([mp.mpf(v) for v in values], which)
                    for compute in computed:
                        for got, exact in zip(
                            compute(*map(np.float64, values), *which), [value, *slopes], strict=True
                        ):
                            assert_close(got, exact, 1e-11)


def test_softmax_takes_lists():
    loss, z, y = LOSSES["softmax_cross_entropy"], [0.5, -1.0, 2], [0, 1, 0]
    assert loss(z, y) == loss(np.array(z), np.array(y))
    assert loss.slope(z, y).tolist() == loss.slope(np.array(z), np.array(y)).tolist()


def test_softmax_expression_is_what_is_computed():
    loss = LOSSES["softmax_cross_entropy"]
    z, y = [0.3, -1.2, 2.0], [0.0, 1.0, 0.0]
    n, k = (next(s for s in loss.derivative.free_symbols if s.name == name) for name in "nk")
    bases = {s.name: s for s in loss.expr.atoms(sp.IndexedBase)}
    values = {bases["z"][i + 1]: v for i, v in enumerate(z)}
    values |= {bases["y"][i + 1]: v for i, v in enumerate(y)}

    def evaluate(expr):
        return float(expr.subs(n, 3).doit().subs(values))

    assert evaluate(loss.expr) == pytest.approx(loss(column(*z), column(*y))[0], rel=1e-14)
    slopes = loss.slope(column(*z), column(*y))[0]
    for index, slope in enumerate(slopes):
        assert evaluate(loss.derivative.subs(k, index + 1)) == pytest.approx(slope, rel=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_add_up_over_outputs_for_each_example(name):
    loss = LOSSES[name]
    v = np.array([[0.5, -0.25], [1.0, 2.0], [-3.0, 0.0]])
    y = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert loss(v, y).shape == (3,)
    assert loss.slope(v, y).shape == v.shape
    assert np.shape(loss(v[0], y[0])) == ()
    np.testing.assert_allclose(loss(v, y), [loss(a, b) for a, b in zip(v, y, strict=True)])
    np.testing.assert_allclose(
        loss.slope(v, y), [loss.slope(a, b) for a, b in zip(v, y, strict=True)]
    )
    by_sympy = loss(np.vectorize(sp.Float)(v), y)
    np.testing.assert_allclose(by_sympy.astype(float), loss(v, y), rtol=1e-14)
    slope_by_sympy = loss.slope(np.vectorize(sp.Float)(v), y)
    np.testing.assert_allclose(slope_by_sympy.astype(float), loss.slope(v, y), rtol=1e-13)
    if name != "softmax_cross_entropy":
        assert loss.derivative == sp.diff(loss.expr, loss.variable)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(
    ("v", "y"), [((3,), (3, 1)), ((3, 1), (3,)), ((2, 3), (3,)), ((3,), (1,)), ((2, 2), (3, 2))]
)
def test_losses_do_not_broadcast(name, v, y):
    for function in (LOSSES[name], LOSSES[name].slope):
        for kind in (float, object):
            with pytest.raises(ValueError, match=re.escape(f"y: got shape {y}; expected {v}")):
                function(np.ones(v, dtype=kind), np.ones(y))
        if name == "softmax_cross_entropy":
            with pytest.raises(ValueError, match=r"^v: got a single number; expected shape"):
                function(0.5, 1.0)
        else:
            assert function(0.5, 1.0) == function(np.array([0.5]), np.array([1.0]))


# --- in a reader's hands: sympy.lambdify ---------------------------------------------------------


def _symbolic_losses():
    pairs = [(activation, "half_squared_error") for activation in ACTIVATIONS]
    for activation, name in [*pairs, *(("tanh", name) for name in LOSSES)]:
        net = bl.symbolic([1, 1, 2], "LMU", activation, LOSSES[name].output or activation)
        yield name, net, bl.backward(net, bl.forward(net, net.x), net.y, name)


@pytest.mark.parametrize("modules", [None, "math", "mpmath"])
def test_plain_lambdify_takes_every_loss_and_gradient(modules):
    rng = np.random.default_rng(5)
    given = {} if modules is None else {"modules": modules}
    for name, net, g in _symbolic_losses():
        symbols = list(net.symbols.values())
        formulas = [g.loss, g.dW[0][0, 0], sp.diff(g.loss, net.symbols["b^(1)_1"])]
        computed = sp.lambdify(symbols, formulas, **given)
        for size in (1.0, 30.0):
            values = size * rng.normal(size=len(symbols))
            values[1:3] = [0.0, 1.0]
            layers, at = [], 3
            for layer in net.layers:
                n, m = layer.W.shape
                W, b = values[at : at + n * m].reshape(n, m), values[at + n * m : at + n * m + m]
                layers.append(bl.Layer(W, b, layer.activation))
                at += n * m + m
            numeric = bl.Network(layers)
            f = bl.forward(numeric, values[:1])
            expected = bl.backward(numeric, f, values[1:3], name)
            got = [float(v) for v in computed(*values.tolist())]
            right = [expected.loss, expected.dW[0][0, 0], expected.db[0][0]]
            np.testing.assert_allclose(got, right, rtol=1e-9, atol=1e-12 * np.abs(right).max())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_mpmath_keeps_its_digits_through_lambdify(name):
    """A definition that names its own node would be computed in doubles."""
    computed = sp.lambdify(Z, [ACTIVATIONS[name].expr, ACTIVATIONS[name].derivative], "mpmath")
    with mp.workdps(40):
        for z in (mp.mpf("0.3"), mp.mpf("-1.7")):
            for got, exact in zip(computed(z), (VALUE[name](z), SLOPE[name](z)), strict=True):
                assert abs(got - exact) <= mp.mpf(10) ** -35, (z, got, exact)


def test_lambdified_nodes_take_whole_numbers_arrays_and_complex_numbers():
    for node in Node.__subclasses__():
        computed = sp.lambdify(Z, node(Z))
        exact = float(node(sp.Integer(-2)).evalf(30))
        for z in (-2, -2.0, np.int8(-2), np.full((2, 3), -2), -2 + 0j):
            np.testing.assert_allclose(computed(z), exact, rtol=1e-14)
            assert np.shape(computed(z)) == np.shape(z)


def test_names():
    assert named(ACTIVATIONS, "tanh", "activation") is ACTIVATIONS["tanh"]
    with pytest.raises(ValueError, match=r"activation: got 'Tanh'; expected one of identity"):
        named(ACTIVATIONS, "Tanh", "activation")
    with pytest.raises(TypeError, match=r"activation: got None"):
        named(ACTIVATIONS, None, "activation")
