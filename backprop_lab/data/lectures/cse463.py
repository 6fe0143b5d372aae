"""CSE463: letters and formulas. It has no worked example with a network."""

NOTATION = "CSE463"

LETTERS = {
    "any": {
        "x": "f_{{0,{j}}}", "y": "Y_{{{j}}}", "loss": "E", "learning_rate": r"\eta",
        "W": "A_{{{p},{j}{s}{i}}}", "b": "b_{{{p},{j}}}",
        "z_in": "Z_{{{m},{j}}}", "z_out": "f_{{{m},{j}}}",
        "delta": r"\frac{{\partial E}}{{\partial Z_{{{m},{j}}}}}",
    },
}  # fmt: skip

LAYOUT = {"transposed": True, "from_first": False, "loss": "half_squared_error"}
FORMULAS = {
    "input": r"$f_0 = X$",
    "target": r"$Y$",
    "layer index": r"$i = 1, \dots, K$; $A_{i-1}$ makes $f_i$",
    "weights": r"$A_{i-1}$, units × inputs",
    "bias": r"$b_{i-1}$",
    "pre-activation": r"$Z_i = A_{i-1} f_{i-1} + b_{i-1}$",
    "activation": r"$f_i = \sigma_i(Z_i)$",
    "activation function": r"$\sigma$, $\sigma_i$",
    "width": r"no letter",
    "loss": r"$E = \frac{1}{2} \lVert f_K - Y \rVert^2$; in (5.114) without $\frac{1}{2}$",
    "error signal": r"$\frac{\partial E}{\partial Z_i}$, no letter of its own; a row",
    "output error signal": (
        r"$\frac{\partial E}{\partial Z_K} = (f_K - Y)^\top "
        r"\operatorname{diag}(\sigma'(Z_K))$"
    ),
    "recursion": (
        r"$\frac{\partial E}{\partial Z_i} = \frac{\partial E}{\partial Z_{i+1}} A_i "
        r"\operatorname{diag}(\sigma'(Z_i))$"
    ),
    "weight gradient": (
        r"$\left( f_{i-1} \frac{\partial E}{\partial Z_i} \right)^\top$, units × inputs"
    ),
    "bias gradient": r"$\frac{\partial E}{\partial Z_i}$, a row",
    "all parameters": r"$\theta = \{A_0, b_0, \dots\}$",
    "step size": r"$\eta$",
    "derivative layout": r"rows: a gradient is $1 \times n$, a Jacobian $m \times n$",
}
