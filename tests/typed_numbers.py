"""What a reader may type, and the number or the refusal that it is: for Python and for the page."""

NO, TWO = "is not a number; write it like -0.2447", "can be read in two ways; write"
ENDLESS = "is not a finite number; write it like -0.2447"

READ = {
    "-0.2447": -0.2447, "-0,2447": -0.2447, "  0.58 ": 0.58, ".58": 0.58, ",58": 0.58, "+1": 1.0,
    "1e-3": 0.001, "1E3": 1000.0, "2e−4": 2e-4, "-.5": -0.5, "0": 0.0, "5.": 5.0, "007": 7.0,
    # signs: minus, hyphen, hyphen that does not break, figure dash, en dash, em dash, wide
    "−0.2447": -0.2447, "\u2010.5": -0.5, "\u2011.5": -0.5, "\u2012.5": -0.5, "–0,5": -0.5,
    "—1": -1.0, "\uff0d2": -2.0,
    # spaces: non-breaking, thin, narrow non-breaking, of no width; between sign and number
    "\u00a00.5\u00a0": 0.5, "\u20090.5": 0.5, "\u202f−\u202f0,5\u2009": -0.5, "\ufeff1\u200b": 1.0,
    "- 0.5": -0.5, "\t3\n": 3.0,
    # a comma before three digits
    "0,244": 0.244, "-0,244": -0.244, "00,244": 0.244, "1,2345": 1.2345, "1234,567": 1234.567,
    "1,23": 1.23, "1.234": 1.234, ",234": 0.234, "1,234e1": 12.34,
}  # fmt: skip
"""Texts that are numbers."""

REFUSED = {
    "1,234": f"{TWO} 1.234 or 1234", "−12,500": f"{TWO} -12.500 or -12500",
    "+ 123,456": f"{TWO} 123.456 or 123456",
    **dict.fromkeys((
        "abc", "", "   ", "u_1", "0.5.5", "1.234,5", "1,234.5", "1,234,567", "1/2", "0.58 z", "--1",
        "+-1", "0x10", "0b1", "1+1", "½", "1_000", "1 234", "e5", ".", ",", "-", "1e", "1e1.5", "٣",
        "²", '__import__("os")', '__import__("os").system("false")', "exec('1')", "{}", "[1]",
        "None", "inf", "-inf", "nan", "NaN", "Infinity", "−inf", "true", "<b>1</b>", "$&",
    ), NO),
    **dict.fromkeys(("1e999", "-1e999", "9" * 400), ENDLESS),
}  # fmt: skip
"""Texts that are none, and what is said of them."""

WHOLE = {"3": 3.0, " −3": -3.0, "3,0": 3.0, "1e2": 100.0}
NOT_WHOLE = ["2.5", "0,5", "", "many", "½", "1e999"]
"""Where an integer is asked for."""
