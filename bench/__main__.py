"""`python -m bench`: every figure that the project promises; `python -m bench NAME...`: those of some.

Each module of this folder measures one thing, prints each figure with its target, and returns 0 where it could measure.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench


def main(asked: list[str]) -> int:
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    if unknown := [name for name in asked if name not in names]:
        print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(names)}", file=sys.stderr)
        return 2
    status = 0
    for name in asked or names:
        print(f"== {name}", flush=True)
        sys.argv = [f"bench.{name}"]
        status = importlib.import_module(f"bench.{name}").main() or status
        print(flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
