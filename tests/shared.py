"""Where the real test material lies: beside the checkout, read-only. Without it the tests of a module that imports
this are skipped, and say so."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

if not SHARED_DATA.is_dir():
    pytest.skip(f"the shared test material is not there: {SHARED_DATA}", allow_module_level=True)
