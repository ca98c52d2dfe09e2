"""Where the real test material lies: beside the checkout, read-only."""

from pathlib import Path

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
