"""Passive authentication (Doc 9303-11, 5.1; the certificates: Doc 9303-12, 7), one typed answer a step.

The procedure of 5.1.1 is: 1) read EF.SOD; 2) build and validate a path from a trust anchor to the document signer;
3) verify the signature of EF.SOD with the document signer's key; 4) read data groups; 5) compare their hashes with
those of EF.SOD. It is pure: files, trust and the day come in, the answers go out.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

from fanal.chip.errors import LdsError
from fanal.chip.lds.com import parse_com
from fanal.chip.lds.dg1 import mrz_text
from fanal.chip.passive_auth.path import NoPathError, Path, find_path
from fanal.chip.passive_auth.sod import DATA_GROUPS, Sod, parse_sod
from fanal.chip.trust import Certificate, MalformedError, NotSupportedError, SignatureError, TrustStore, state_of
from fanal.chip.trust.certificate import DIGITAL_SIGNATURE
from fanal.chip.trust.cms import verify_signer
from fanal.chip.trust.keys import digest

EF_SOD: Final = "EF.SOD"
EF_COM: Final = "EF.COM"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"  # tried; what is here does not settle it
    NOT_DONE = "not_done"  # nothing to look at


class StepCode(StrEnum):
    """The questions, in the order in which they are asked. Stable: records name them."""

    SOD = "sod"
    DATA_GROUP_HASHES = "data_group_hashes"
    DATA_GROUP_LIST = "data_group_list"
    SOD_SIGNATURE = "sod_signature"
    PATH = "path"
    VALIDITY_AT_SIGNING = "validity_at_signing"
    VALIDITY_TODAY = "validity_today"
    REVOCATION = "revocation"
    KEY_USAGE = "key_usage"
    DOCUMENT_TYPE = "document_type"
    STATES = "states"


CLAUSES: Final[Mapping[StepCode, str]] = MappingProxyType(
    {
        StepCode.SOD: "ICAO 9303-11, 5.1 step 1; 9303-10, 4.6.2",
        StepCode.DATA_GROUP_HASHES: "ICAO 9303-11, 5.1 step 5",
        StepCode.DATA_GROUP_LIST: "ICAO 9303-10, 4.6.1",
        StepCode.SOD_SIGNATURE: "ICAO 9303-11, 5.1 step 3",
        StepCode.PATH: "ICAO 9303-11, 5.1 step 2; 9303-12, 6",
        StepCode.VALIDITY_AT_SIGNING: "ICAO 9303-12, 4.1",
        StepCode.VALIDITY_TODAY: "ICAO 9303-12, 4.1",
        StepCode.REVOCATION: "ICAO 9303-12, 4.2",
        StepCode.KEY_USAGE: "ICAO 9303-12, 7.1",
        StepCode.DOCUMENT_TYPE: "ICAO 9303-12, 7.1",
        StepCode.STATES: "ICAO 9303-12, 7.1",
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to one question. `reason` says which way it was reached where an outcome has several."""

    code: StepCode
    outcome: Outcome
    reason: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def clause(self) -> str:
        return CLAUSES[self.code]


class Hash(StrEnum):
    """What the hash of a data group says."""

    EQUAL = "equal"
    DIFFERENT = "different"
    NOT_READ = "not_read"  # EF.SOD has its hash, and the file is not here
    NOT_SIGNED = "not_signed"  # the file is here, and EF.SOD has no hash of it


_HASH_NAMES: Final = tuple((state, state.value) for state in Hash)


@dataclass(frozen=True, slots=True)
class PassiveAuthentication:
    """All steps, and what they ended at.

    `hashes` are by number of the data group. `csca` is the trusted certificate that the path ends at; `path` leads
    there from the issuer of `dsc`.
    """

    steps: tuple[Step, ...]
    hashes: Mapping[int, Hash]
    sod: Sod | None = None
    dsc: Certificate | None = None
    csca: Certificate | None = None
    path: tuple[Certificate, ...] = ()
    signing_time: datetime | None = None

    def step(self, code: StepCode) -> Step:
        return next(step for step in self.steps if step.code is code)

    @property
    def authentic(self) -> frozenset[int]:
        """The data groups whose hash is in a SOD that a trusted State signed: what DG14 and DG15 may be used by."""
        needed = (StepCode.SOD_SIGNATURE, StepCode.PATH)
        if any(self.step(code).outcome is not Outcome.PASSED for code in needed):
            return frozenset()
        return frozenset(number for number, state in self.hashes.items() if state is Hash.EQUAL)


def verify(
    files: Mapping[str, bytes],
    trust: TrustStore,
    *,
    on: date,
    mrz_state: str | None = None,
    mrz_code: str | None = None,
) -> PassiveAuthentication:
    """Passive authentication of the files of a chip, named "EF.SOD", "EF.COM", "DG1" to "DG16".

    `on` is the day of inspection. `mrz_state` and `mrz_code` are the issuing State and the document code as printed;
    DG1's are used too, where its hash holds.
    """
    raw = files.get(EF_SOD)
    if raw is None:
        return _without(Outcome.NOT_DONE, "no_sod", {})
    try:
        sod = parse_sod(raw)
    except MalformedError as error:
        return _without(Outcome.FAILED, "malformed", {"detail": error.detail})
    return _Verification(files, trust, on, sod, mrz_state, mrz_code).answer()


def _without(outcome: Outcome, reason: str, values: Mapping[str, str]) -> PassiveAuthentication:
    """Every step after the first is not done without an EF.SOD to look at."""
    first = Step(StepCode.SOD, outcome, reason, values)
    rest = [Step(code, Outcome.NOT_DONE, "no_sod") for code in StepCode if code is not StepCode.SOD]
    return PassiveAuthentication((first, *rest), {})


# What chips of one State have in common is read once, and kept for a few of them.
_parse_com = lru_cache(maxsize=64)(parse_com)


@lru_cache(maxsize=1024)
def _numbers(groups: frozenset[int]) -> str:
    return ", ".join(f"DG{number}" for number in sorted(groups))


class _Verification:
    """One passive authentication as it goes on; each method is a step."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        trust: TrustStore,
        on: date,
        sod: Sod,
        mrz_state: str | None,
        mrz_code: str | None,
    ) -> None:
        self.files, self.trust, self.on, self.sod = files, trust, on, sod
        self.mrz_state, self.mrz_code = mrz_state, mrz_code
        self.hashes: dict[int, Hash] = {}
        self.dsc: Certificate | None = None
        self.path: Path | None = None
        self.signing_time: datetime | None = None

    def answer(self) -> PassiveAuthentication:
        steps: list[Step] = []
        for code, question in _QUESTIONS:
            try:
                steps.append(question(self))
            except SignatureError as error:
                steps.append(Step(code, Outcome.FAILED, "signature_wrong", {"detail": error.detail}))
            except NotSupportedError as error:
                steps.append(Step(code, Outcome.UNDETERMINED, "not_supported", {"detail": str(error)}))
            except (MalformedError, LdsError) as error:
                steps.append(Step(code, Outcome.FAILED, "malformed", {"detail": error.detail}))
        return PassiveAuthentication(
            tuple(steps),
            MappingProxyType(self.hashes),
            self.sod,
            self.dsc,
            self.path.anchor if self.path else None,
            self.path.certificates if self.path else (),
            self.signing_time,
        )

    def sod_read(self) -> Step:
        self.signing_time = self.sod.signer.signing_time
        return Step(StepCode.SOD, Outcome.PASSED, values={"groups": _numbers(frozenset(self.sod.hashes))})

    def data_group_hashes(self) -> Step:
        code = StepCode.DATA_GROUP_HASHES
        for number in DATA_GROUPS:
            content, signed = self.files.get(f"DG{number}"), self.sod.hashes.get(number)
            if content is not None and signed is not None:
                equal = hmac.compare_digest(digest(self.sod.digest_algorithm, content), signed)
                self.hashes[number] = Hash.EQUAL if equal else Hash.DIFFERENT
            elif signed is not None:
                self.hashes[number] = Hash.NOT_READ
            elif content is not None:
                self.hashes[number] = Hash.NOT_SIGNED
        states = frozenset(self.hashes.values())
        values = {name: self._those(state) if state in states else "" for state, name in _HASH_NAMES}
        if Hash.DIFFERENT in states:
            return Step(code, Outcome.FAILED, "", values)
        if Hash.NOT_SIGNED in states:
            return Step(code, Outcome.FAILED, "not_signed", values)
        if Hash.EQUAL not in states:
            return Step(code, Outcome.NOT_DONE, "no_data_groups", values)
        return Step(code, Outcome.PASSED, "", values)

    def _those(self, wanted: Hash) -> str:
        return _numbers(frozenset([number for number, state in self.hashes.items() if state is wanted]))

    def data_group_list(self) -> Step:
        """EF.COM is not signed: a group that a forger took away is missing there and still has its hash in EF.SOD."""
        code = StepCode.DATA_GROUP_LIST
        if (raw := self.files.get(EF_COM)) is None:
            return Step(code, Outcome.NOT_DONE, "no_com")
        listed, signed = _parse_com(raw).data_groups, frozenset(self.sod.hashes)
        values = {"seen": _numbers(listed), "expected": _numbers(signed)}
        return Step(code, Outcome.PASSED if listed == signed else Outcome.FAILED, "", values)

    def sod_signature(self) -> Step:
        code = StepCode.SOD_SIGNATURE
        signer = self.sod.signer
        inside = [c for c in self.sod.signed.certificates if signer.is_by(c)]
        candidates = inside or self.trust.signers.find(issuer=signer.issuer, serial=signer.serial, ski=signer.ski)
        if not candidates:
            return Step(code, Outcome.UNDETERMINED, "no_dsc", {"name": str(signer.issuer or "")})
        problem: SignatureError | None = None
        for candidate in candidates:
            try:
                verify_signer(self.sod.signed, signer, candidate)
            except SignatureError as error:
                self.dsc, problem = candidate, error
            else:
                self.dsc = candidate
                return Step(code, Outcome.PASSED, values={"name": str(candidate.subject)})
        assert problem is not None, "there was a candidate"
        raise problem

    def certification_path(self) -> Step:
        code = StepCode.PATH
        if self.dsc is None:
            return Step(code, Outcome.UNDETERMINED, "no_dsc", {"name": str(self.sod.signer.issuer or "")})
        state = state_of(self.dsc.issuer.country or self.dsc.country)
        values = {"name": str(self.dsc.issuer), "state": state}
        links = [c for c in self.sod.signed.certificates if c != self.dsc]
        day = self.signing_time.date() if self.signing_time else self.on
        try:
            self.path = find_path(self.dsc, self.trust, on=day, links=links)
        except NoPathError as error:
            if error.refuted:
                return Step(code, Outcome.FAILED, "signature_wrong", values)
            if not self.trust.has_state(state):
                return Step(code, Outcome.UNDETERMINED, "no_csca_of_state", values)
            return Step(code, Outcome.UNDETERMINED, "no_csca_for_key", values)
        return Step(code, Outcome.PASSED, values={**values, "csca": str(self.path.anchor.subject)})

    @cached_property
    def _chain(self) -> tuple[Certificate, ...]:
        """From the document signer to the anchor; asked for once both are known."""
        return (*((self.dsc,) if self.dsc else ()), *(self.path.certificates if self.path else ()))

    def validity_at_signing(self) -> Step:
        """Whether document signer and CSCA were valid when the State signed. The time is the signer's own statement."""
        code = StepCode.VALIDITY_AT_SIGNING
        if not (chain := self._chain):
            return Step(code, Outcome.UNDETERMINED, "no_dsc")
        if self.signing_time is None:
            return Step(code, Outcome.NOT_DONE, "no_signing_time")
        return self._validity(code, chain, self.signing_time.date())

    def validity_today(self) -> Step:
        """Whether they are valid on the day of inspection: they outlive every document that they signed."""
        code = StepCode.VALIDITY_TODAY
        if not (chain := self._chain):
            return Step(code, Outcome.UNDETERMINED, "no_dsc")
        return self._validity(code, chain, self.on)

    def _validity(self, code: StepCode, chain: tuple[Certificate, ...], day: date) -> Step:
        for certificate in chain:
            first, last = certificate.validity
            if not first <= day <= last:
                values = {
                    "name": str(certificate.subject),
                    "seen": day.isoformat(),
                    "expected": f"{first.isoformat()} / {last.isoformat()}",
                }
                return Step(code, Outcome.FAILED, "expired" if day > last else "not_yet_valid", values)
        last = min([certificate.validity[1] for certificate in chain])
        return Step(code, Outcome.PASSED, values={"seen": day.isoformat(), "expected": last.isoformat()})

    def revocation(self) -> Step:
        """Whether the CSCA has revoked what it issued on the path (Doc 9303-12: within 48 hours of the cause)."""
        code = StepCode.REVOCATION
        if self.dsc is None or self.path is None:
            return Step(code, Outcome.UNDETERMINED, "no_path")
        chain = self._chain
        oldest: tuple[date, date | None] | None = None
        # A self-signed anchor at the end is asked about in its own list too: States revoke CSCAs there.
        for certificate, issuer in zip(chain, (*chain[1:], chain[-1]), strict=True):
            lists = self.trust.find_crls(issuer)
            for crl in lists:
                if (revoked := crl.revoked.get(certificate.serial)) is not None and revoked.reason != "remove_from_crl":
                    values = {
                        "name": str(certificate.subject),
                        "date": revoked.at.date().isoformat(),
                        "cause": revoked.reason,
                        "list": crl.this_update.date().isoformat(),
                    }
                    return Step(code, Outcome.FAILED, "revoked", values)
            if not lists:
                if certificate is self.dsc:
                    return Step(code, Outcome.UNDETERMINED, "no_crl", {"state": state_of(issuer.country)})
                continue
            following = lists[0].next_update.date() if lists[0].next_update else None
            if oldest is None or lists[0].this_update.date() < oldest[0]:
                oldest = lists[0].this_update.date(), following
        assert oldest is not None, "the document signer's issuer has a list"
        values = {"list": oldest[0].isoformat(), "seen": self.on.isoformat()}
        if oldest[1] is not None and oldest[1] < self.on:
            return Step(code, Outcome.UNDETERMINED, "crl_old", {**values, "expected": oldest[1].isoformat()})
        return Step(code, Outcome.PASSED, "", values)

    def key_usage(self) -> Step:
        code = StepCode.KEY_USAGE
        if self.dsc is None:
            return Step(code, Outcome.UNDETERMINED, "no_dsc")
        usage = self.dsc.key_usage
        if usage is not None and DIGITAL_SIGNATURE not in usage:
            return Step(code, Outcome.FAILED, "not_for_signing", {"name": str(self.dsc.subject)})
        for certificate in self._chain[1:]:
            if not certificate.may_sign_certificates:
                return Step(code, Outcome.FAILED, "not_a_ca", {"name": str(certificate.subject)})
        if critical := sorted({name for c in self._chain for name in c.critical}):
            return Step(code, Outcome.UNDETERMINED, "critical_extension", {"names": ", ".join(critical)})
        return Step(code, Outcome.PASSED)

    @cached_property
    def _dg1(self) -> tuple[str, str] | None:
        """Document code and issuing State of DG1, where its hash holds."""
        if self.hashes.get(1) is not Hash.EQUAL:
            return None
        try:
            first = mrz_text(self.files["DG1"])[0]
        except LdsError:
            return None
        return first[:2].rstrip("<"), first[2:5].rstrip("<")

    def document_type(self) -> Step:
        """Whether the document signer may sign documents of this document code, where it says which it may sign."""
        code = StepCode.DOCUMENT_TYPE
        if self.dsc is None:
            return Step(code, Outcome.UNDETERMINED, "no_dsc")
        if not (allowed := self.dsc.document_types):
            return Step(code, Outcome.NOT_DONE, "no_document_types")
        dg1 = self._dg1
        seen = dg1[0] if dg1 else self.mrz_code
        if not seen:
            return Step(code, Outcome.NOT_DONE, "no_mrz")
        # A code of one letter stands for all that begin with it: "P" for PP, PD, PS (Doc 9303-12, 7.1.1.6).
        passed = any(seen == kind or (len(kind) == 1 and seen.startswith(kind)) for kind in allowed)
        values = {"seen": seen, "expected": ", ".join(allowed)}
        return Step(code, Outcome.PASSED if passed else Outcome.FAILED, "", values)

    def states(self) -> Step:
        """Whether document signer, CSCA and MRZ name one State."""
        code = StepCode.STATES
        if self.dsc is None:
            return Step(code, Outcome.UNDETERMINED, "no_dsc")
        signer = state_of(self.dsc.country)
        if self.path is not None and (csca := state_of(self.path.anchor.country)) != signer:
            return Step(code, Outcome.FAILED, "csca_of_other_state", {"state": signer, "other_state": csca})
        dg1 = self._dg1
        printed = [state for state in (dg1[1] if dg1 else None, self.mrz_state) if state]
        for state in printed:
            if not signs_for(signer, state):
                return Step(code, Outcome.FAILED, "mrz_of_other_state", {"state": signer, "other_state": state})
        if not printed:
            return Step(code, Outcome.NOT_DONE, "no_mrz", {"state": signer})
        return Step(code, Outcome.PASSED, "", {"state": signer})


_QUESTIONS: Final[tuple[tuple[StepCode, Callable[[_Verification], Step]], ...]] = (
    (StepCode.SOD, _Verification.sod_read),
    (StepCode.DATA_GROUP_HASHES, _Verification.data_group_hashes),
    (StepCode.DATA_GROUP_LIST, _Verification.data_group_list),
    (StepCode.SOD_SIGNATURE, _Verification.sod_signature),
    (StepCode.PATH, _Verification.certification_path),
    (StepCode.VALIDITY_AT_SIGNING, _Verification.validity_at_signing),
    (StepCode.VALIDITY_TODAY, _Verification.validity_today),
    (StepCode.REVOCATION, _Verification.revocation),
    (StepCode.KEY_USAGE, _Verification.key_usage),
    (StepCode.DOCUMENT_TYPE, _Verification.document_type),
    (StepCode.STATES, _Verification.states),
)


# Codes that stand as issuing State in documents which another State's document signers sign: classes of British
# nationality and territories (Doc 9303-3, section 5), and what the codes of ISO 3166-1 have for parts of States.
_SIGNED_BY: Final = {
    "GBR": "GBD GBN GBO GBP GBS AIA BMU VGB CYM FLK GIB MSR PCN SHN TCA IMN JEY GGY IOT",
    "CHN": "HKG MAC",
    "NLD": "ABW CUW SXM BES ANT",
    "DNK": "FRO GRL",
    "FRA": "NCL PYF GLP GUF MTQ REU MYT SPM WLF BLM MAF",
    "USA": "PRI VIR GUM ASM MNP",
    "NZL": "COK NIU TKL",
    "FIN": "ALA",
    "UNO": "UNA UNK",
    "RKS": "UNK XKX",
}


def signs_for(signer: str, state: str) -> bool:
    """Whether document signers of one State sign documents with this code as issuing State."""
    state = state_of(state)
    return state == signer or state in _SIGNED_BY.get(signer, "").split()


__all__ = [
    "CLAUSES",
    "EF_COM",
    "EF_SOD",
    "Hash",
    "Outcome",
    "PassiveAuthentication",
    "Step",
    "StepCode",
    "signs_for",
    "verify",
]
