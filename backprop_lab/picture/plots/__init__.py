"""Charts: values in, SVG text out. matplotlib draws a chart's frame, `Plot` what moves in it."""
