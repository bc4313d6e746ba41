"""One module per ``eda bench NAME``: the figures of the README."""
