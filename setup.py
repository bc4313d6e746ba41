"""Install the top-level folders as one import package, ``eda``.

``spice/`` is imported as ``eda.spice``, ``agents/`` as ``eda.agents``, and so on, so that
no folder here ever claims a top-level name (``datasets`` belongs to another project).
This is the only place that states the mapping: package discovery cannot rename.
"""

from setuptools import find_namespace_packages, setup

FOLDERS = {
    "eda": "eda",
    "eda.agents": "agents",
    "eda.cli": "cli",
    "eda.datasets": "datasets",
    "eda.spice": "spice",
}

setup(
    package_dir=FOLDERS,
    packages=sorted(
        {
            f"{package}.{child}" if child else package
            for package, folder in FOLDERS.items()
            for child in ("", *find_namespace_packages(folder))
        }
    ),
)
