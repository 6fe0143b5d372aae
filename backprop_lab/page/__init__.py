"""What makes a page move: programs, the widgets that run them, what stands around an app."""
