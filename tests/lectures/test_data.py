"""What a lecture says is data and nothing else, and its lines of text are read as formulas."""

import ast
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab import lectures
from backprop_lab.core.nodes import Z
from backprop_lab.data import lectures as data
from backprop_lab.lectures.lines import formula

FILES = sorted(set(Path(data.__file__).parent.glob("*.py")) - {Path(data.__file__)})
XOR = bl.lectures.xor()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_lecture_is_literals_alone(path):
    said, *statements = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(said.value.value, str)
    for statement in statements:
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)


def test_the_example_for_contributors_is_a_lecture():
    written = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```python\n(.+?)^```", written, re.DOTALL | re.MULTILINE)
    _, *statements = ast.parse(text).body
    said = {each.targets[0].id: ast.literal_eval(each.value) for each in statements}
    lecture = bl.lectures._lecture(SimpleNamespace(**said))
    assert [number.verdict for number in lecture.printed] == ["agrees", "agrees"]


def test_every_file_is_a_lecture_the_default_first():
    first, *others = (said.__name__.split(".")[-1] for said in data.SAID)
    assert first == "lmu"
    assert others == [path.stem for path in FILES if path.stem != first]
    assert {"LMU", "CH8", "CSC311", "CSE463"} <= bl.NOTATIONS.keys()
    assert {"xor", "ch8", "csc311"} <= bl.lectures.LECTURES.keys()


SYMBOLS = {
    name: sp.Symbol(name, real=True)
    for name in ("z_1", "z_1,out", "z_1,out^new", "t", "d", "∂L/∂z_1", "delta^(O)")
}


@pytest.mark.parametrize("name", SYMBOLS)
def test_a_name_stands_for_its_symbol_and_no_other(name):
    assert formula(name, SYMBOLS) == SYMBOLS[name]
    assert formula(f"2*{name}", SYMBOLS) == 2 * SYMBOLS[name]
    tanh = bl.ACTIVATIONS["tanh"].expr.subs(Z, -SYMBOLS[name])
    assert formula(f"tanh(-{name})", SYMBOLS) == tanh


def test_a_line_is_read_with_its_brackets_and_powers():
    z, t, delta = (SYMBOLS[name] for name in ("z_1", "t", "delta^(O)"))
    line = "(z_1 - t)**2 / 2 - delta^(O) * (1 - sigmoid(z_1 + t))"
    sigma = bl.ACTIVATIONS["sigmoid"].expr.subs(Z, z + t)
    assert formula(line, SYMBOLS) == (z - t) ** 2 / 2 - delta * (1 - sigma)


@pytest.mark.parametrize(
    "line",
    ["", "q", "z_1 +", "1.5 * t", "z_1.real", "z_1[0]", "t < 1", "not t", "lambda: t",
     "t if t else t", "__import__('os')", "sigmoid(t, t)", "sigmoid(x=t)", "exp(t)", "z_1 t",
     "t // 2", "+t"],
)  # fmt: skip
def test_another_line_is_refused(line):
    with pytest.raises(ValueError, match=r"^line: got ") as raised:
        formula(line, SYMBOLS)
    assert repr(line) in str(raised.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("f", "1.1", "u_1", "L8-1"), r"printed: got 'f'; expected one of .*f_in"),
        (("f_in", "1.1", "u_1 * z_1,out", "L8-1"), r"printed: f_in needs z_\{1,out\}, not given"),
        (("f_in", "1.1", "u_1 * z_3,out", "L8-1"), r"line: got 'u_1 \* z_3,out'"),
        (("z_1,in", "1,0", "b_1", "L8-1"), r"z_1,in is printed as '1,0'; expected"),
        (("z_1,in", "nan", "b_1", "L8-1"), r"z_1,in is printed as 'nan'; expected"),
        (("z_1,in", "1_0", "b_1", "L8-1"), r"z_1,in is printed as '1_0'; expected"),
        (("z_1,in", "1e", "b_1", "L8-1"), r"z_1,in is printed as '1e'; expected"),
        (("z_1,in", "\u0663", "b_1", "L8-1"), r"z_1,in is printed as '.'; expected"),
        (("z_1,in", 1.0, "b_1", "L8-1"), r"z_1,in is printed as 1.0; expected"),
        (("z_1,in", "1e-100", "b_1", "L8-1"), r"z_1,in is printed as '1e-100'; expected"),
        (("z_1,in", "0." + 100 * "0", "b_1", "L8-1"), r"z_1,in is printed as '0.0*'; expected"),
        (("z_1,in", "0.5", "b_1 / x_2", "L8-1"), r"the line of z_1,in gives zoo; expected"),
        (("z_1,in", "0.5", "W_11**W_21", "L8-1"), r"the line of z_1,in gives .*I; expected"),
        (("z_1,in", "0.5", "(b_1 * 10)**999", "L8-1"), r"line of z_1,in gives -.*E\+662"),
    ],
)
def test_what_a_line_lacks_is_named(line, said):
    with pytest.raises(ValueError, match=said):
        _ = replace(XOR, lines=[line]).printed


@pytest.mark.parametrize(
    "text", ["-0.53", "-.53", "-5.3e-1", "-53E-2", "-0.53" + 97 * "0", "+0.53", "1.", "1e-99"]
)
def test_a_decimal_may_be_written_as_python_writes_one(text):
    (number,) = replace(XOR, lines=[("z_1,in", text, "b_1", "L8-1")]).printed
    assert number.verdict == ("agrees" if float(text) == -0.53 else "wrong")


MINE = SimpleNamespace(
    __name__="mine",
    NOTATION="CH8",
    CREDIT="Mine",
    EXAMPLE={
        "name": "mine", "layers": [([[0.5]], [0.0], "sigmoid")],
        "x": [1.0], "y": [1.0], "learning_rate": 0.1, "loss": "squared_error",
    },
)  # fmt: skip
"""A file of a lecture."""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"EXAMPLE": {"name": "mine"}}, "mine: no layers in EXAMPLE, x in EXAMPLE, y in EXAMPLE"),
        ({"NOTATION": "mine"}, "mine: notation: got 'mine'; expected one of"),
        ({"EXAMPLE": MINE.EXAMPLE | {"layers": [([[1.0, 2.0]], [0.0], "relu")]}}, r"mine: b: got"),
        ({"EXAMPLE": MINE.EXAMPLE | {"colour": 1}}, r"mine: .* 'colour'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_name(changed, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        lectures._by_name([SimpleNamespace(**vars(MINE) | changed)])


def test_a_file_without_credit_and_two_of_a_name_are_refused():
    assert list(lectures._by_name([MINE])) == ["mine"]
    without = {name: value for name, value in vars(MINE).items() if name != "CREDIT"}
    with pytest.raises(ValueError, match=r"^mine: no CREDIT"):
        lectures._by_name([SimpleNamespace(**without)])
    with pytest.raises(ValueError, match=r"^mine: got the name 'mine', another lecture's"):
        lectures._by_name([MINE, MINE])


def test_a_notation_is_one_of_those_that_there_are():
    with pytest.raises(ValueError, match=r"^notation: got 'LMV'; expected one of LMU, CH8"):
        replace(XOR, notation="LMV")


def test_a_lecture_without_a_data_set_has_its_example():
    lecture = replace(XOR, X=None, Y=None)
    assert (lecture.X.tolist(), lecture.Y.tolist()) == ([XOR.x.tolist()], [XOR.y.tolist()])


@pytest.mark.parametrize("name", bl.lectures.LECTURES)
def test_run_is_the_gradient_of_the_worked_example(name):
    lecture = bl.lectures.LECTURES[name]
    g = lecture.run()
    assert g is lecture.run()
    assert g.forward.network is lecture.network
    assert (g.forward.x == lecture.x).all()
    assert (g.y == lecture.y).all()
    assert g.loss_name == lecture.loss


def test_printed_numbers_carry_the_key_of_their_quantity():
    g = XOR.run()
    exact = bl.quantities(g)
    factors = bl.chain(g, "W_11").factors
    exact |= {factor.key: factor.value for factor in factors}
    keys = [number.key for number in XOR.printed]
    assert keys[7] == ("loss", "by", "z_out", 1, 0)
    assert keys[12] == ("dW", 0, 0, 0)
    assert keys[19] == ("new", "z_out", 1, 0)
    for number in XOR.printed:
        if number.key[0] != "new":
            assert number.exact == exact[number.key]
