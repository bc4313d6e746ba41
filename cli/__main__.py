"""``python -m eda.cli``: the ``eda`` command where its script is not on the path."""

from eda.cli import main

if __name__ == "__main__":
    main()
