"""The conversation with one chip: what is sent, under which protection, and within which limits.

Time is measured before and after each command with a clock that is given; the number of commands is bounded too, so
that whatever a chip answers, a conversation ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from fanal.chip.apdu import Command, Ins, Response, parse_response
from fanal.chip.errors import ChipTimeoutError, LimitError, StatusWordError
from fanal.chip.reader import Card
from fanal.chip.recorder import Recorder
from fanal.chip.secure_messaging import SecureMessaging

GET_RESPONSE: Final = 0xC0
MAX_PARTS: Final = 64
Clock = Callable[[], float]


class Channel:
    """A chip, the secure messaging with it, and what it may still take.

    `deadline` is for the whole conversation, in the clock's seconds; `until` sets a nearer one for a part of it.
    """

    def __init__(
        self,
        card: Card,
        *,
        clock: Clock = time.monotonic,
        seconds: float = 120.0,
        apdus: int = 20_000,
    ) -> None:
        self._card = card
        self._recorder = card if isinstance(card, Recorder) else None
        self._clock = clock
        self._end = clock() + seconds
        self._part_end = self._end
        self._left = apdus
        self.sent = 0
        self.messaging: SecureMessaging | None = None
        self.out_of_step = False  # a protected command got no answer that holds: the counters differ from then on

    @property
    def now(self) -> float:
        return self._clock()

    def until(self, seconds: float | None) -> None:
        """What follows has to be done within `seconds` (None: within the conversation's own limit)."""
        self._part_end = self._end if seconds is None else min(self._end, self._clock() + seconds)

    def secure(self, messaging: SecureMessaging | None) -> None:
        """Talk under these keys from now on."""
        self.messaging = messaging
        self.out_of_step = False

    def check_time(self) -> None:
        """Raises:
        ChipTimeoutError: the time is over.
        """
        now = self._clock()
        if now > self._end:
            raise ChipTimeoutError("the time for this chip is over")
        if now > self._part_end:
            raise ChipTimeoutError("the time for this step is over")

    def send(self, command: Command, *, accept: tuple[int, ...] = (), extended: bool = False) -> Response:
        """Send a command and take the answer; a status word beyond 9000 and `accept` is an error.

        Raises:
            StatusWordError: another status word.
            SecureMessagingError: an answer that is not protected as it must be.
            ChipTimeoutError, CardRemovedError, LimitError, ReaderError, ProtocolError: see there.
        """
        before = len(self._recorder.exchanges) if self._recorder else 0
        if self.messaging is None:
            response = self._exchange(command, extended)
        else:
            self.out_of_step = True
            response = self.messaging.open_response(self._exchange(self.messaging.protect(command), extended))
            self.out_of_step = False
        if self._recorder is not None:
            self._recorder.understood(command, response, self.messaging, before)
        if not response.ok and response.sw not in accept:
            raise StatusWordError(response.sw, str(command))
        return response

    def _exchange(self, command: Command, extended: bool) -> Response:
        response = self._transmit(command.encode(extended=extended))
        if response.sw >> 8 == 0x6C and not response.data:  # ISO/IEC 7816-4, 5.6: the right Le
            response = self._transmit(command._replace(ne=response.sw & 0xFF or 256).encode(extended=extended))
        parts = [response.data]
        while response.sw >> 8 == 0x61:  # more is there (T=0, and some readers)
            if len(parts) > MAX_PARTS:
                raise LimitError("an answer in too many parts")
            response = self._transmit(
                Command(command.cla & 0x0F, GET_RESPONSE, 0, 0, ne=response.sw & 0xFF or 256).encode()
            )
            parts.append(response.data)
        return Response(b"".join(parts), response.sw)

    def _transmit(self, raw: bytes) -> Response:
        self.check_time()
        if self._left <= 0:
            raise LimitError("too many commands")
        self._left -= 1
        self.sent += 1
        answer = self._card.transmit(raw)
        self.check_time()
        return parse_response(answer)


def select_application(channel: Channel, aid: bytes) -> None:
    """SELECT by application identifier, no answer data (Doc 9303-10, 3.6.1)."""
    channel.send(Command(0, Ins.SELECT, 4, 0x0C, aid))
