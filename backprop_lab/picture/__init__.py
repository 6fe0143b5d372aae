"""What is seen: pure functions from structure and values to elements and markup.

What a picture is (`Picture`, drawn once from the structure) is kept apart from what changes in it:
fields, each named by a quantity's canonical key. The field's element carries the same name in
`data-q`. Colours come from the notebook's theme; forward, backward and the chosen weight have one
colour each, and each a second mark (a sign, a line's width), so that nothing is said by colour
alone.
"""
