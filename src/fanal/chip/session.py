"""The whole reading of a chip, in the order of Doc 9303-11, 3: open it, read what it has, let it prove itself.

EF.CardAccess, then PACE if it is offered and BAC if not, EF.COM and EF.SOD, the data groups under secure messaging,
then chip authentication and active authentication. What is read is judged elsewhere (`fanal.chip.passive_auth`):
whether a proof counts depends on whether the key it was made with is one that a State signed.

A chip that misbehaves half-way never loses what was read before: the reading says what is there, what is not, and
why. Only where not one file could be read is there nothing to return.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

from fanal.chip import active_auth, bac, chip_auth, pace
from fanal.chip.apdu import Command, Ins
from fanal.chip.channel import Channel, Clock, select_application
from fanal.chip.errors import (
    CardRemovedError,
    ChipError,
    ChipTimeoutError,
    LdsError,
    LimitError,
    ProtocolError,
    ReaderError,
    SecureMessagingError,
    StatusWordError,
    TlvError,
    WrongPasswordError,
)
from fanal.chip.groups import Random
from fanal.chip.lds.com import parse_com
from fanal.chip.lds.files import (
    AID_EMRTD,
    ATR_INFO,
    BY_NAME,
    CARD_ACCESS,
    CARD_SECURITY,
    COM,
    DATA_GROUPS,
    DIR,
    SOD,
    FileId,
)
from fanal.chip.lds.others import parse_atr_info, parse_dg14, parse_dg15
from fanal.chip.passive_auth import Outcome, parse_sod
from fanal.chip.password import Password, PasswordKind
from fanal.chip.reader import Card
from fanal.chip.reading import NOT_FOUND, REFUSED, Progress, _no_progress, read_file
from fanal.chip.security_infos import SecurityInfos, parse_security_infos
from fanal.chip.trust import MalformedError
from fanal.chip.trust.cms import parse_signed_data

T = TypeVar("T")

_EXTENDED_PART: Final = 8192
_PLAIN_PART: Final = 231


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken from a chip: octets of one file and of all, seconds for one file and for all, commands."""

    file: int = 1024 * 1024
    total: int = 4 * 1024 * 1024
    file_seconds: float = 30.0
    seconds: float = 90.0
    commands: int = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not as it should be. `code` is stable; `values` say where and what, never who."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """How the chip was opened: "PACE" or "BAC", with what (the variant), and whether PACE was offered and not used."""

    protocol: str
    parameters: str
    downgraded: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of asking the chip to prove itself. `key` is the SubjectPublicKeyInfo of what it proved."""

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    key: bytes = field(default=b"", repr=False)


NOT_OFFERED: Final = Proof(Outcome.NOT_DONE, "not_offered")
NOT_RUN: Final = Proof(Outcome.NOT_DONE, "not_run")


@dataclass(frozen=True, slots=True)
class ChipReading:
    """What was read from a chip.

    `files` are by their names ("EF.SOD", "DG1"). `timings` are seconds by step ("access", "DG2"). `challenge` is what
    the chip signed in active authentication, which anybody can verify again.
    """

    files: Mapping[str, bytes] = field(repr=False)
    access: Access | None
    pace_cam: Proof
    chip_authentication: Proof
    active_authentication: Proof
    problems: tuple[Problem, ...]
    timings: Mapping[str, float]
    commands: int
    challenge: active_auth.Challenge | None = None

    @property
    def protocols(self) -> Mapping[str, str]:
        """The outcomes of the proofs that were tried, by name, as an inspection takes them."""
        tried = {
            "pace_cam": self.pace_cam,
            "chip_authentication": self.chip_authentication,
            "active_authentication": self.active_authentication,
        }
        return {name: proof.outcome.value for name, proof in tried.items() if proof.outcome is not Outcome.NOT_DONE}


def read_chip(
    card: Card,
    password: Password,
    *,
    limits: Limits | None = None,
    progress: Progress = _no_progress,
    clock: Clock = time.monotonic,
    random: Random = os.urandom,
) -> ChipReading:
    """Open a chip, read its files and let it prove itself.

    `clock` gives seconds; time limits and timings are in them. `progress` is called with a file's name, the octets
    read and the octets in all.

    Raises:
        WrongPasswordError: the chip does not know this MRZ or CAN.
        ChipError: not one file could be read, and why.
    """
    limits = limits or Limits()
    channel = Channel(card, clock=clock, seconds=limits.seconds, apdus=limits.commands)
    return _Reading(channel, password, limits, progress, random).run()


class _Reading:
    """One reading as it goes on."""

    def __init__(
        self, channel: Channel, password: Password, limits: Limits, progress: Progress, random: Random
    ) -> None:
        self.channel, self.password, self.limits = channel, password, limits
        self.progress, self.random = progress, random
        self.files: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self.timings: dict[str, float] = {}
        self.access: Access | None = None
        self.pace: pace.Pace | None = None
        self.extended = False
        self.in_application = False
        self.over = False  # the chip is gone, or the time is: nothing more is asked
        self.refused_pace = False
        self.cam, self.ca, self.aa = NOT_OFFERED, NOT_OFFERED, NOT_OFFERED
        self.challenge: active_auth.Challenge | None = None
        self.offered = SecurityInfos()

    def run(self) -> ChipReading:
        self.read_master_file()
        self.timed("access", self.open)
        for step in (self.card_security, self.application_files, self.compare_card_access, self.prove):
            if not self.over:
                step()
        if self.access is None or not any(name not in _MASTER for name in self.files):
            raise self._nothing_read()
        return ChipReading(
            MappingProxyType(dict(self.files)), self.access, self.cam, self.ca, self.aa, tuple(self.problems),
            MappingProxyType(dict(self.timings)), self.channel.sent, self.challenge,
        )  # fmt: skip

    def _nothing_read(self) -> ChipError:
        codes = {problem.values.get("error", problem.code) for problem in self.problems}
        for code, error in (("card_removed", CardRemovedError()), ("timeout", ChipTimeoutError("nothing was read"))):
            if code in codes:
                return error
        return ChipError("nothing_read", ", ".join(sorted(codes)))

    # What the steps share.

    def timed(self, name: str, step: Callable[[], T]) -> T:
        start = self.channel.now
        try:
            return step()
        finally:
            self.timings[name] = round(self.channel.now - start, 4)

    def problem(self, code: str, **values: str) -> None:
        self.problems.append(Problem(code, values))

    def note(self, error: ChipError, where: str) -> None:
        """An error of one step. Without chip, reader or time there is no next step."""
        if isinstance(error, CardRemovedError | ReaderError):
            self.over = True
        elif isinstance(error, ChipTimeoutError):
            try:
                self.channel.until(None)
                self.channel.check_time()
            except ChipTimeoutError:
                self.over = True
        self.problem(error.code, step=where, detail=error.detail, error=error.code)

    # The steps.

    def read_master_file(self) -> None:
        """EF.CardAccess, EF.ATR/INFO and EF.DIR: free to read, and any of them may be missing (9303-10, 3.11)."""
        for file in (CARD_ACCESS, ATR_INFO, DIR):
            try:
                self.read(file, part=_PLAIN_PART)
            except StatusWordError:
                continue  # not there, or not before access
            except (ProtocolError, LimitError) as error:
                self.note(error, file.name)
        if (raw := self.files.get(CARD_ACCESS.name)) is not None:
            try:
                self.offered = parse_security_infos(raw, trailing=True)
            except LdsError as error:
                self.problem("file_malformed", file=CARD_ACCESS.name, detail=error.detail)
        if (raw := self.files.get(ATR_INFO.name)) is not None:
            try:
                self.extended = parse_atr_info(raw).extended_length
            except LdsError as error:
                self.problem("file_malformed", file=ATR_INFO.name, detail=error.detail)

    def open(self) -> None:
        """PACE where it is offered, else BAC (9303-11, 4.2); then the eMRTD application is selected."""
        self.channel.secure(None)
        self.channel.until(self.limits.file_seconds)
        variant = None if self.refused_pace else pace.choose(self.offered.pace)
        if variant is not None:
            try:
                self.pace = pace.run(self.channel, self.password, variant, random=self.random)
            except (StatusWordError, ProtocolError) as error:
                # The standard wants PACE where it is offered; a traveller whose chip cannot is let in by BAC all the
                # same, and the officer is told.
                if self.password.kind is not PasswordKind.MRZ:
                    raise
                self.refused_pace = True
                self.problem("pace_failed_bac_used", parameters=variant.name, error=error.code, detail=error.detail)
            else:
                self.access = Access("PACE", variant.name)
                self.select_application()
                return
        elif self.offered.pace and not self.refused_pace:
            self.problem("pace_not_supported", protocols=", ".join(info.protocol for info in self.offered.pace)[:200])
        self.select_application()
        bac.run(self.channel, self.password, random=self.random)
        self.access = Access("BAC", "3DES", downgraded=self.refused_pace)

    def select_application(self) -> None:
        select_application(self.channel, AID_EMRTD)
        self.in_application = True

    def part(self) -> int:
        secure = self.channel.messaging
        if self.extended:
            return _EXTENDED_PART
        return secure.max_data(256) if secure else _PLAIN_PART

    def enter(self, file: FileId) -> None:
        """Select the master file or the application, whichever the file lies in."""
        if file.master and self.in_application:
            master = Command(0, Ins.SELECT, 0, 0x0C, b"\x3f\x00")
            self.channel.send(master, accept=(0x6A82, 0x6A86, 0x6985, 0x6982))
            self.in_application = False
        elif not file.master and not self.in_application:
            self.select_application()

    def read(self, file: FileId, *, part: int | None = None) -> bytes:
        """Read one file into `files`."""
        self.enter(file)
        room = self.limits.total - sum(map(len, self.files.values()))
        self.channel.until(self.limits.file_seconds)
        use_extended = self.extended and part is None
        data = read_file(
            self.channel,
            file,
            limit=max(0, min(self.limits.file, room)),
            part=part or self.part(),
            extended=use_extended,
            progress=self.progress,
        )
        self.files[file.name] = data
        return data

    def attempt(self, file: FileId) -> bytes | None:
        """Read a file; what goes wrong is noted. After an error of secure messaging the chip is opened anew."""
        return self.timed(file.name, lambda: self._attempt(file))

    def _attempt(self, file: FileId) -> bytes | None:
        try:
            try:
                return self.read(file)
            except (StatusWordError, SecureMessagingError, ReaderError) as error:
                absent = isinstance(error, StatusWordError) and error.sw in NOT_FOUND | REFUSED
                if absent or not self.extended:
                    raise
                return self.read_in_short_pieces(file, error)
        except StatusWordError as error:
            code = (
                "file_absent" if error.sw in NOT_FOUND else "file_refused" if error.sw in REFUSED else "file_not_read"
            )
            self.problem(code, file=file.name, detail=error.detail, error=error.code)
        except (SecureMessagingError, ProtocolError, LimitError, TlvError) as error:
            self.problem("file_not_read", file=file.name, detail=error.detail, error=error.code)
            if self.channel.out_of_step:
                self.reopen()
        except ChipError as error:
            self.note(error, file.name)
        return None

    def read_in_short_pieces(self, file: FileId, error: ChipError) -> bytes:
        """The chip may have said that it takes extended lengths, and not: again without; if that is no better, it was
        something else.
        """
        self.extended = False
        try:
            self.open()
            data = self.read(file)
        except ChipError:
            self.extended = True
            raise
        self.problem("extended_length_failed", file=file.name, detail=error.detail)
        return data

    def reopen(self) -> None:
        """After an answer that did not hold, keys and counter are no longer the same on both sides."""
        try:
            self.open()
        except ChipError as error:
            self.over = True
            self.problem("session_lost", detail=error.detail, error=error.code)

    def card_security(self) -> None:
        """EF.CardSecurity holds the key that CA mapping proves (9303-11, 4.4.3.5.3); it lies in the master file."""
        if self.pace is None or self.pace.variant.mapping is not pace.Mapping.CAM:
            return
        if (raw := self.attempt(CARD_SECURITY)) is None:
            self.cam = Proof(Outcome.UNDETERMINED, "no_card_security")
            return
        try:
            keys = parse_security_infos(parse_signed_data(raw, trailing=True).content).chip_authentication_keys
            proved = pace.verify_chip_authentication_mapping(self.pace, keys)
        except (MalformedError, LdsError) as error:
            self.cam = Proof(Outcome.UNDETERMINED, "malformed", error.detail)
        except ProtocolError as error:
            failed = error.code == "cam_failed"
            self.cam = Proof(Outcome.FAILED if failed else Outcome.UNDETERMINED, error.code, error.detail)
        else:
            self.cam = Proof(Outcome.PASSED, "", self.pace.variant.name, proved)

    def application_files(self) -> None:
        """EF.COM, EF.SOD, then every data group that either of them names."""
        self.attempt(COM)
        if not self.over:
            self.attempt(SOD)
        for number in sorted(self.listed()):
            file = DATA_GROUPS[number]
            if self.over:
                self.problem("file_not_read", file=file.name, error="over")
            elif file.terminal:
                self.problem("terminal_authentication_needed", file=file.name)
            else:
                self.attempt(file)

    def listed(self) -> set[int]:
        """What there should be: EF.COM is not signed, so that the list in EF.SOD counts as well."""
        groups: set[int] = set()
        if (raw := self.files.get(COM.name)) is not None:
            try:
                groups |= parse_com(raw).data_groups
            except LdsError as error:
                self.problem("file_malformed", file=COM.name, detail=error.detail)
        if (raw := self.files.get(SOD.name)) is not None:
            try:
                groups |= parse_sod(raw).hashes.keys()
            except MalformedError as error:
                self.problem("file_malformed", file=SOD.name, detail=error.detail)
        return groups or {1, 2}  # every eMRTD has these (9303-10, 4.7)

    def infos(self) -> SecurityInfos:
        """DG14's, which are signed; nothing where it is not there."""
        if (raw := self.files.get("DG14")) is None:
            return SecurityInfos()
        try:
            return parse_dg14(raw)
        except LdsError as error:
            if not any(p.values.get("file") == "DG14" for p in self.problems):
                self.problem("file_malformed", file="DG14", detail=error.detail)
            return SecurityInfos()

    def compare_card_access(self) -> None:
        """EF.CardAccess is not signed; what it offers must be in DG14, and the other way round (9303-11, 9.2.10)."""
        if "DG14" not in self.files:
            return
        signed, free = set(self.infos().pace), set(self.offered.pace)
        if signed - free:
            self.problem("pace_hidden", protocols=", ".join(sorted(info.protocol for info in signed - free)))
            if self.access is not None and self.access.protocol == "BAC":
                self.access = Access("BAC", "3DES", downgraded=True)
        if free - signed:
            self.problem("pace_not_signed", protocols=", ".join(sorted(info.protocol for info in free - signed)))

    def prove(self) -> None:
        """Chip authentication first, which also renews the keys; then active authentication."""
        infos = self.infos()
        if offered := chip_auth.choices(infos):
            self.ca = NOT_RUN if self.over else self.timed("chip_authentication", lambda: self.chip_proof(offered[0]))
        if "DG15" in self.files:
            self.aa = NOT_RUN if self.over else self.timed("active_authentication", lambda: self.signature(infos))

    def chip_proof(self, choice: chip_auth.Choice) -> Proof:
        name = f"{choice.protocol} {choice.suite.name}"
        self.channel.until(self.limits.file_seconds)
        try:
            chip_auth.run(self.channel, choice, random=self.random)
        except (SecureMessagingError, StatusWordError) as error:
            # It offers the protocol, signed, and cannot do its part: it has not the key.
            if not self.over:
                self.reopen()
            return Proof(Outcome.FAILED, error.code, error.detail)
        except ProtocolError as error:
            unusable = error.code in ("group_not_supported", "invalid_point")
            return Proof(Outcome.UNDETERMINED if unusable else Outcome.FAILED, error.code, error.detail)
        except ChipError as error:
            self.note(error, "chip_authentication")
            return Proof(Outcome.UNDETERMINED, error.code, error.detail)
        return Proof(Outcome.PASSED, "", name, choice.key.spki)

    def signature(self, infos: SecurityInfos) -> Proof:
        self.channel.until(self.limits.file_seconds)
        try:
            key = parse_dg15(self.files["DG15"])
            self.challenge = active_auth.run(self.channel, key, random=self.random)
            algorithm = active_auth.verify(self.challenge, key, infos.active_authentication)
        except LdsError as error:
            return Proof(Outcome.UNDETERMINED, "malformed", error.detail)
        except ProtocolError as error:
            failed = error.code != "key_not_supported"
            return Proof(Outcome.FAILED if failed else Outcome.UNDETERMINED, error.code, error.detail)
        except (SecureMessagingError, StatusWordError) as error:
            return Proof(Outcome.FAILED, error.code, error.detail)
        except ChipError as error:
            self.note(error, "active_authentication")
            return Proof(Outcome.UNDETERMINED, error.code, error.detail)
        return Proof(Outcome.PASSED, "", algorithm, key)


_MASTER: Final = frozenset(name for name, file in BY_NAME.items() if file.master)

__all__ = ["Access", "ChipReading", "Limits", "Problem", "Proof", "WrongPasswordError", "read_chip"]
