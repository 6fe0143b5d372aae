"""Formulas as somebody may type them, with SymPy's expression of the same tree; and texts that are
none. For Python and for the page."""

import itertools

import numpy as np
import sympy as sp

NAMES = ("w11", "W_12", "δ", "a1", "z_1,in", "y")
SYMBOLS = sp.symbols("w v d a z y")
SPELLINGS = {
    "w11": ["w11", "w_11", "w_{11}", "w₁₁", "W11"], "W_12": ["W_12", "W12", "W_{12}", "w₁₂"],
    "δ": ["δ", "delta", "\\delta"], "a1": ["a1", "a_1", "a₁", "A1"], "z_1,in": ["z_1,in"],
    "y": ["y", "Y"],
}  # fmt: skip
NUMBERS = {"2": 2, "0.5": 0.5, "0,25": 0.25, ".5": 0.5, "½": 0.5, "3": 3, "1e-1": 0.1, "1": 1}


def _of_real(f):
    return lambda u: np.where(np.imag(u) == 0, f(np.real(u)), np.nan)


BY_NUMPY = {
    "sigma": _of_real(lambda u: 1 / (1 + np.exp(-u))),
    "sigma_slope": _of_real(lambda u: np.exp(-u) / (1 + np.exp(-u)) ** 2),
    "tanh_slope": _of_real(lambda u: 1 / np.cosh(u) ** 2),
    "relu": _of_real(lambda u: u * (u > 0)),
    "relu_slope": _of_real(lambda u: 1.0 * (u > 0)),
    "leaky": _of_real(lambda u: np.where(u > 0, u, u / 100)),
    "leaky_slope": _of_real(lambda u: np.where(u > 0, 1, 0.01)),
    "softplus": _of_real(lambda u: np.log1p(np.exp(u))),
    "elu_slope": _of_real(lambda u: np.where(u > 0, 1, np.exp(u))),
}
"""What SymPy's functions of these names are, for `lambdify`."""
F = {name: sp.Function(name) for name in BY_NUMPY}
FUNCTIONS = {
    **dict.fromkeys(["σ", "sigma", "sigmoid", "\\sigma"], F["sigma"]),
    **dict.fromkeys(["σ'", "σ′", "sigmoid’"], F["sigma_slope"]),
    "tanh": sp.tanh, "tanh'": F["tanh_slope"], "relu": F["relu"], "ReLU'": F["relu_slope"],
    "leaky_relu": F["leaky"], "LeakyReLU'": F["leaky_slope"], "softplus": F["softplus"],
    "silu": lambda u: u * F["sigma"](u), "elu'": F["elu_slope"], "exp": sp.exp, "log": sp.log,
    "ln": sp.log, "sqrt": sp.sqrt, "identity": lambda u: u,
}  # fmt: skip
SUM, PRODUCT, SIGNED, POWER, ATOM = range(5)


def draw(rng, depth=4):
    """A text, how firmly its last sign binds, and SymPy's expression."""

    def one(options):
        return options[rng.integers(len(options))]

    def within(part, least):
        text, rank, expression = part
        brackets = one(["()", "[]"])
        if rank < least or rng.random() < 0.1:
            text = f"{brackets[0]}{text}{brackets[1]}"
        return text, expression

    if depth == 0 or rng.random() < 0.15:
        if rng.random() < 0.4:
            text = one(list(NUMBERS))
            return text, ATOM, sp.sympify(NUMBERS[text])
        k = rng.integers(len(NAMES))
        return one(SPELLINGS[NAMES[k]]), ATOM, SYMBOLS[k]
    space = one(["", "", " ", "\u2009"])
    kind = one(["+", "-", "*", "/", "power", "neg", "call", "call"])
    first, second = draw(rng, depth - 1), draw(rng, depth - 1)
    if kind in ("+", "-"):
        (a, x), (b, y) = within(first, SUM), within(second, PRODUCT)
        sign = "+" if kind == "+" else one(["-", "−", "–"])
        return f"{a}{space}{sign}{space}{b}", SUM, x + y if kind == "+" else x - y
    if kind == "*":
        (a, x), (b, y) = within(first, PRODUCT), within(second, SIGNED)
        sign = one(["*", "·", "×"])
        clear = first[1] == ATOM and second[1] == ATOM and not b[0].isdigit() and b[0] not in ".,½"
        if clear and rng.random() < 0.5:
            sign, space = "", " "
        return f"{a}{space}{sign}{space}{b}", PRODUCT, x * y
    if kind == "/":
        (a, x), (b, y) = within(first, PRODUCT), within(second, SIGNED)
        return f"{a}{space}{one(['/', '÷'])}{space}{b}", PRODUCT, x / y
    if kind == "power":
        a, x = within(first, ATOM)
        n = int(rng.integers(2, 4))
        if rng.random() < 0.5:
            return f"{a}{'⁰¹²³'[n]}", POWER, x**n
        minus = rng.random() < 0.5
        return f"{a}{one(['^', '**'])}{'-' * minus}{n}", POWER, x ** (-n if minus else n)
    if kind == "neg":
        a, x = within(first, POWER)
        return f"{one(['-', '−'])}{a}", SIGNED, -x
    name = one(list(FUNCTIONS))
    return f"{name}{space}({first[0]})", ATOM, FUNCTIONS[name](first[2])


HOSTILE = [
    "__import__('os').system('true')", "().__class__.__bases__[0].__subclasses__()", "y!", "y,y",
    "9^9^9^9^9^9", "9**9**9**9", "a1.__class__", "lambda: 0", "exec(1)", "eval('1')", "\x00", "²",
    "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "${y}", "{{y}}", "$&", "y;y",
    "y=1", "y==1", "f'{y}'", "constructor", "__proto__", "toString(y)", "hasOwnProperty", "\ufeff",
    "٣", "∞", "nan", "inf", "1,234", "1.2.3", "y'", "σ", "σ''(y)", "(" * 300, "y" + ")" * 300,
    "-" * 399 + "y", "y" * 401, "y^" * 199 + "y", "y+" * 199 + "y", "((y" * 100, "[y)", "(y]",
    "\u202ey", "e\u0301", "𝒚", "😀", "a1" * 200, "1" * 400, "1e999", "exp(" * 39 + "y" + ")" * 39,
    "'; DROP TABLE y; --", "\\", "\\delta" * 66, "_", "{", "W_{", "z_1,", "\n" * 400, "σ(" * 30,
    "y " * 200, "2y^3y", "1/2y",
]  # fmt: skip
PIECES = [
    *NAMES, *FUNCTIONS, *NUMBERS, *"+-*/^()[]{}_'\"\\,.;:<>&$#@!?=%~`| \t\n·×÷−²³⁻₁½∂√∑∞", "**",
    "__", "import", "os", "lambda", "<b>", "&lt;", "</", "\u0000", "\u200b", "\u2028", "é", "ж",
    "漢", "😀",
]  # fmt: skip


def hostile(rng, texts):
    """A text that is rarely a formula; some are made from these, which are."""
    kind = rng.integers(5)
    if kind == 0:
        return HOSTILE[rng.integers(len(HOSTILE))]
    if kind == 1:
        codes = rng.integers(1, [128, 1024, 0xD800][rng.integers(3)], rng.integers(1, 80))
        return "".join(map(chr, codes))
    if kind == 2:
        text = list(texts[rng.integers(len(texts))])
        for _ in range(rng.integers(1, 4)):
            text.insert(int(rng.integers(len(text) + 1)), str(rng.choice(PIECES)))
        return "".join(text)
    count = rng.integers(1, [10, 300, 2000][rng.integers(3)])
    return "".join(PIECES[k] for k in rng.integers(len(PIECES), size=count))


def formulas(seed, count):
    """So many formulas: texts and SymPy's expressions."""
    rng = np.random.default_rng(seed)
    drawn = (draw(rng) for _ in iter(int, 1))
    return list(itertools.islice(((t, e) for t, _, e in drawn if len(t) <= 400), count))
