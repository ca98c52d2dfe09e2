"""Chips for tests that say what a worked example says."""

from collections.abc import Callable, Iterable

from fanal.chip.errors import CardRemovedError


class ScriptedCard:
    """Answers each command of a script with its answer; any other command, or one too many, is a failed test."""

    def __init__(self, script: Iterable[tuple[str, str]]) -> None:
        self._left = [(bytes.fromhex(asked), bytes.fromhex(answer)) for asked, answer in script]

    def transmit(self, apdu: bytes) -> bytes:
        if not self._left:
            raise CardRemovedError
        asked, answer = self._left.pop(0)
        assert apdu.hex().upper() == asked.hex().upper()
        return answer

    @property
    def done(self) -> bool:
        return not self._left


def randoms(*values: str) -> Callable[[int], bytes]:
    """A source of randomness that gives these values in order."""
    left = [bytes.fromhex(value) for value in values]

    def random(size: int) -> bytes:
        value = left.pop(0)
        assert len(value) == size
        return value

    return random
