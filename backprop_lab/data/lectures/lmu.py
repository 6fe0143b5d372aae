"""LMU Munich, chapters 2 and 8: letters, formulas, and chapter 8's XOR walk-through: 2-2-1, sigmoid
twice, one step on (1, 0), with its 21 printed numbers."""

NOTATION = "LMU"
CREDIT = (
    "Bernd Bischl, LMU Munich: Introduction to Deep Learning, Chapter 8: "
    "Basic Backpropagation (winter term 2021)"
)

LETTERS = {
    "any": {
        "x": "x_{{{j}}}", "y": "y_{{{j}}}", "loss": "L", "learning_rate": r"\alpha",
        "W": "W^{{({m})}}_{{{i}{s}{j}}}", "b": "b^{{({m})}}_{{{j}}}",
        "z_in": "z^{{({m})}}_{{{j},in}}", "z_out": "z^{{({m})}}_{{{j},out}}",
        "delta": r"\delta^{{({m})}}_{{{j}}}",
    },
    "hidden": {
        "W": "W_{{{i}{s}{j}}}", "b": "b_{{{j}}}",
        "z_in": "z_{{{j},in}}", "z_out": "z_{{{j},out}}", "delta": r"\delta_{{{j}}}",
    },
    "output": {
        "y": "y", "W": "u_{{{i}}}", "b": "c",
        "z_in": "f_{{in}}", "z_out": "f_{{out}}", "delta": r"\delta^{{(O)}}",
    },
    "only": {
        "x": "x", "y": "y", "W": "w", "b": "b",
        "z_in": "z_{{in}}", "z_out": "z_{{out}}", "delta": r"\delta",
    },
}  # fmt: skip

LAYOUT = {"transposed": False, "from_first": True, "loss": "half_squared_error"}
FORMULAS = {
    "input": r"$x$, a column",
    "target": r"$y$",
    "layer index": r"$(i)$; units $j, k, m$ in $i-1, i, i+1$; output $O$",
    "weights": r"$W^{(i)}$, inputs × units; $W_{jk}$ from $j$ to $k$; output $u$",
    "bias": r"$b^{(i)}$; output $c$",
    "pre-activation": r"$z^{(i)}_{in} = W^{(i)\top} z^{(i-1)}_{out} + b^{(i)}$; output $f_{in}$",
    "activation": r"$z^{(i)}_{out} = \sigma(z^{(i)}_{in})$; output $f_{out}$",
    "activation function": r"$\sigma$; output $\tau$",
    "width": r"no letter",
    "loss": r"$L = \frac{1}{2} (y - f_{out})^2$",
    "error signal": r"$\delta^{(i)}$, a column",
    "output error signal": r"$\delta^{(O)} = \nabla_{f_{out}} L \odot \tau'(f_{in})$",
    "recursion": r"$\delta^{(i)} = (W^{(i+1)} \delta^{(i+1)}) \odot \sigma'(z^{(i)}_{in})$",
    "weight gradient": r"$z^{(i-1)}_{out} \delta^{(i)\top}$, inputs × units",
    "bias gradient": r"$\delta^{(i)}$",
    "all parameters": r"$\theta$",
    "step size": r"$\alpha$",
    "derivative layout": r"columns",
}

EXAMPLE = {
    "name": "xor",
    "layers": [
        ([[-0.07, 0.94], [0.22, 0.46]], [-0.46, 0.1], "sigmoid"),
        ([[-0.22], [0.58]], [0.78], "sigmoid"),
    ],
    "x": [1.0, 0.0], "y": [1.0], "learning_rate": 0.5, "loss": "half_squared_error",
    "X": [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]],
    "Y": [[0.0], [1.0], [1.0], [0.0]],
}  # fmt: skip

PRINTED = [
    ("z_1,in", "-0.53", "W_11 * x_1 + W_21 * x_2 + b_1", "L8-23"),
    ("z_1,out", "0.3705", "sigmoid(z_1,in)", "L8-24"),
    ("z_2,in", "1.04", "W_12 * x_1 + W_22 * x_2 + b_2", "L8-26"),
    ("z_2,out", "0.7389", "sigmoid(z_2,in)", "L8-27"),
    ("f_in", "1.1122", "u_1 * z_1,out + u_2 * z_2,out + c", "L8-29"),
    ("f_out", "0.7525", "sigmoid(f_in)", "L8-31"),
    ("L", "0.0306", "(y - f_out)**2 / 2", "L8-33"),
    ("∂L/∂f_out", "-0.2475", "-(y - f_out)", "L8-41"),
    ("∂f_out/∂f_in", "0.1862", "f_out * (1 - f_out)", "L8-44"),
    ("∂L/∂u_1", "-0.0171", "∂L/∂f_out * ∂f_out/∂f_in * z_1,out", "L8-49"),
    ("u_1^new", "-0.2115", "u_1 - alpha * ∂L/∂u_1", "L8-53"),
    ("∂z_1,out/∂z_1,in", "0.2332", "z_1,out * (1 - z_1,out)", "L8-63"),
    ("∂L/∂W_11", "0.0024",
     "∂L/∂f_out * ∂f_out/∂f_in * u_1 * ∂z_1,out/∂z_1,in * x_1", "L8-68"),
    ("W_11^new", "-0.0712", "W_11 - alpha * ∂L/∂W_11", "L8-71"),
    ("W_12^new", "0.9426",
     "W_12 - alpha * ∂L/∂f_out * ∂f_out/∂f_in * u_2 * z_2,out * (1 - z_2,out) * x_1", "L8-72"),
    ("b_1^new", "-0.4612", "b_1 - alpha * ∂L/∂W_11", "L8-74"),
    ("b_2^new", "0.1026",
     "b_2 - alpha * ∂L/∂f_out * ∂f_out/∂f_in * u_2 * z_2,out * (1 - z_2,out)", "L8-75"),
    ("u_2^new", "0.5970", "u_2 - alpha * ∂L/∂f_out * ∂f_out/∂f_in * z_2,out", "L8-76"),
    ("c^new", "0.8030", "c - alpha * ∂L/∂f_out * ∂f_out/∂f_in", "L8-77"),
    ("f_out^new", "0.7615",
     "sigmoid(u_1^new * sigmoid(W_11^new * x_1 + W_21 * x_2 + b_1^new)"
     " + u_2^new * sigmoid(W_12^new * x_1 + W_22 * x_2 + b_2^new) + c^new)", "L8-78"),
    ("L^new", "0.0284", "(y - f_out^new)**2 / 2", "L8-79"),
]  # fmt: skip
