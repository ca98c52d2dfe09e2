"""A small share of `python -m bench.fuzz`: mutated inputs of every kind end in the rooms' own errors, soon."""

from bench.fuzz import fuzz


def test_mutated_chips_certificates_and_seals_end_in_typed_errors_only() -> None:
    assert fuzz(1500, seed=3) == 0
