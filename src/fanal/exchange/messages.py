"""Messages between agencies: what each kind says, and which may follow which.

A message belongs to a thread, which its first message opens: a *share* (notice, corrections, withdrawal, receipts), a
*register* (from a hub to a checkpoint of its own), a *query* (question, answer, and only then a request for data, which
the owner may decline), a *confirmation* (before anyone acts on a hit, its owner confirms), a *reconciliation* of
entries with exits, the *heads* of the records, and *receipts*, which speak of many threads at once (`RECEIPTED`).
`MOVES` is the whole of what may happen.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from fanal.exchange.agreements import ID, Agreement, Agreements, Grant, PartyId
from fanal.exchange.codes import Category, Handling, Kind, Purpose
from fanal.exchange.errors import ExchangeError
from fanal.exchange.model import Model, parse_object

SCHEMA: Final = "fanal.message/1"

State = Annotated[str, StringConstraints(pattern=r"^[A-Z<]{1,3}$")]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,32}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Ref = Annotated[str, StringConstraints(pattern=ID)]
PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class LostDocument(Model):
    """A document, or a run of blanks from `number` to `last`, that must not be used."""

    type: Literal["lost_document"] = "lost_document"
    issuing_state: State
    document_code: str = Field(default="", pattern=r"^[A-Z]{0,2}$")
    number: Number
    last: Number | None = None
    status: Literal["lost", "stolen", "revoked", "invalid", "stolen_blank"]
    reported: date

    @model_validator(mode="after")
    def _run(self) -> LostDocument:
        if self.last is not None and (len(self.last) != len(self.number) or self.last < self.number):
            raise ValueError("a run goes up, in numbers of one length")
        return self


class Name(Model):
    primary: str = Field(min_length=1, max_length=120)
    secondary: str = Field(default="", max_length=120)


class DocumentRef(Model):
    issuing_state: State
    number: Number


class Thing(Model):
    """A vehicle (by plate or by VIN), a vessel, an aircraft, a container or goods, by number."""

    kind: Literal["plate", "vin", "vessel", "aircraft", "container", "goods"]
    number: str = Field(min_length=1, max_length=40)
    state: str = Field(default="", pattern=r"^[A-Z]{0,3}$")


class Alert(Model):
    """An alert on a person or a thing. It names someone or something: traits alone are no alert."""

    type: Literal["alert"] = "alert"
    kind: Literal[
        "wanted", "missing_person", "child_at_risk", "discreet_check", "specific_check", "refusal_of_entry", "thing"
    ]
    names: tuple[Name, ...] = Field(default=(), max_length=20)
    date_of_birth: PartialDate | None = None
    sex: Literal["F", "M", "X", ""] = ""
    nationality: str = Field(default="", pattern=r"^[A-Z]{0,3}$")
    documents: tuple[DocumentRef, ...] = Field(default=(), max_length=20)
    thing: Thing | None = None
    action: Code
    legal_basis: str = Field(min_length=1, max_length=200)
    review: date

    @model_validator(mode="after")
    def _names_something(self) -> Alert:
        if not (self.names or self.documents or self.thing):
            raise ValueError("it names nobody and nothing")
        return self


class Bulletin(Model):
    """A pattern of a forgery, as `fanal.inspection` reads it."""

    type: Literal["bulletin"] = "bulletin"
    pattern: dict[str, object]


class Trust(Model):
    """Certificates and revocation lists, DER in base64; the recipient imports them as it would a file, and verifies."""

    type: Literal["trust"] = "trust"
    files: tuple[str, ...] = Field(min_length=1, max_length=50)


Datum = Annotated[LostDocument | Alert | Bulletin | Trust, Field(discriminator="type")]
CATEGORY_OF: Final[Mapping[str, Category]] = {
    "lost_document": Category.LOST_DOCUMENT,
    "alert": Category.ALERT,
    "bulletin": Category.BULLETIN,
    "trust": Category.TRUST,
}


class NoticeBody(Model):
    """What the owner shares, and nothing that is another's. `origin`: the datum's id (default: the notice's)."""

    kind: Literal[Kind.NOTICE] = Kind.NOTICE
    datum: Datum
    origin: Ref | None = None


class CorrectBody(Model):
    """The datum as it should have been."""

    kind: Literal[Kind.CORRECT] = Kind.CORRECT
    datum: Datum
    reason: Code


class WithdrawBody(Model):
    kind: Literal[Kind.WITHDRAW] = Kind.WITHDRAW
    reason: Code


class RegisterItem(Model):
    """One datum as it stands: `content` is absent where it is gone."""

    datum: Ref
    owner: PartyId
    version: int = Field(ge=1, le=1_000_000)
    handling: tuple[Handling, ...] = ()
    expires: AwareDatetime
    content: Datum | None = None
    gone: str = Field(default="", max_length=40)

    @model_validator(mode="after")
    def _there_or_gone(self) -> RegisterItem:
        if (self.content is None) == (not self.gone):
            raise ValueError("a datum, or why it is gone")
        return self


class RegisterBody(Model):
    """What a hub holds, for its own checkpoints: each datum with its owner, as it stands now.

    A State's checkpoints are no third party. A state and not a history: a checkpoint that was cut off is given each
    datum once, however often it changed meanwhile, and what is given twice changes nothing.
    """

    kind: Literal[Kind.REGISTER] = Kind.REGISTER
    items: tuple[RegisterItem, ...] = Field(min_length=1, max_length=500)


class Receipted(Model):
    """That message `of` of a thread was applied, and how many copies, hits and cases it has reached so far."""

    thread: Ref
    of: Ref
    reached: int = Field(default=1, ge=0, le=2**31)


class ReceiptBody(Model):
    """What was applied of all that came together."""

    kind: Literal[Kind.RECEIPT] = Kind.RECEIPT
    items: tuple[Receipted, ...] = Field(min_length=1, max_length=500)


class QuestionBody(Model):
    """Whether the lists of `owner` hold this document, person or thing; a checkpoint asks through its hub."""

    kind: Literal[Kind.QUESTION] = Kind.QUESTION
    owner: PartyId | None = None
    document: DocumentRef | None = None
    names: tuple[Name, ...] = Field(default=(), max_length=5)
    date_of_birth: PartialDate | None = None
    thing: Thing | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> QuestionBody:
        if not (self.document or self.names or self.thing):
            raise ValueError("it asks about nobody and nothing")
        return self


class AnswerBody(Model):
    """Hit or no hit, and no more. `datum`: what to ask about; `alike`: differing characters, where not exact."""

    kind: Literal[Kind.ANSWER] = Kind.ANSWER
    result: Literal["no_hit", "hit", "possible", "refused"]
    reason: str = Field(default="", max_length=40)
    datum: Ref | None = None
    alike: str = Field(default="", max_length=80)


class DataRequestBody(Model):
    kind: Literal[Kind.DATA_REQUEST] = Kind.DATA_REQUEST
    datum: Ref
    reason: Code


class DataBody(Model):
    """The data that was asked for, or that the owner declines to give it."""

    kind: Literal[Kind.DATA] = Kind.DATA
    datum: Datum | None = None
    declined: str = Field(default="", max_length=40)

    @model_validator(mode="after")
    def _one_or_the_other(self) -> DataBody:
        if (self.datum is None) == (not self.declined):
            raise ValueError("data, or a reason why not")
        return self


class ConfirmBody(Model):
    """A hit on the owner's datum: is it the same, and does the alert stand?"""

    kind: Literal[Kind.CONFIRM] = Kind.CONFIRM
    datum: Ref
    deadline: AwareDatetime
    compared: tuple[Code, ...] = Field(default=(), max_length=20)  # what the officer compared: fields, photo, marks


class ReminderBody(Model):
    kind: Literal[Kind.REMINDER] = Kind.REMINDER
    number: int = Field(ge=1, le=100)
    escalated: bool = False


class ConfirmationBody(Model):
    kind: Literal[Kind.CONFIRMATION] = Kind.CONFIRMATION
    answer: Literal["confirmed", "not_confirmed"]
    reason: str = Field(default="", max_length=40)


class Passage(Model):
    """One crossing of one document: what is needed to find the other half at the neighbour's."""

    ref: Ref
    direction: Literal["entry", "exit"]
    at: AwareDatetime
    point: str = Field(min_length=1, max_length=16)
    document: DocumentRef


class PassagesBody(Model):
    kind: Literal[Kind.PASSAGES] = Kind.PASSAGES
    passages: tuple[Passage, ...] = Field(min_length=1, max_length=500)


class ReconciledBody(Model):
    """Which of them have their other half here. One without is a question to a person, and nobody's guilt."""

    kind: Literal[Kind.RECONCILED] = Kind.RECONCILED
    matched: tuple[Ref, ...] = ()
    unmatched: tuple[Ref, ...] = ()


class HeadBody(Model):
    """A signed head of the sender's record (C2SP tlog-checkpoint) and a proof that it continues the last one."""

    kind: Literal[Kind.HEAD] = Kind.HEAD
    note: str = Field(max_length=65536)
    proof: tuple[str, ...] = Field(default=(), max_length=64)
    since: int = Field(default=0, ge=0)


class CosignedBody(Model):
    """The head with the recipient's cosignature, or why it could not be given."""

    kind: Literal[Kind.COSIGNED] = Kind.COSIGNED
    note: str = Field(default="", max_length=65536)
    code: str = Field(default="", max_length=40)


Body = Annotated[
    NoticeBody
    | CorrectBody
    | WithdrawBody
    | RegisterBody
    | ReceiptBody
    | QuestionBody
    | AnswerBody
    | DataRequestBody
    | DataBody
    | ConfirmBody
    | ReminderBody
    | ConfirmationBody
    | PassagesBody
    | ReconciledBody
    | HeadBody
    | CosignedBody,
    Field(discriminator="kind"),
]

# Kinds that the taker of a datum sends to its giver; all others go the other way.
_BY_TAKER: Final = {Kind.RECEIPT, Kind.QUESTION, Kind.DATA_REQUEST, Kind.CONFIRM, Kind.REMINDER}
_ASKING: Final = {Kind.QUESTION, Kind.ANSWER, Kind.DATA_REQUEST, Kind.DATA}


class Message(Model):
    """What is signed. `previous`: the message of the thread that this one follows."""

    schema_: Literal["fanal.message/1"] = Field(default="fanal.message/1", alias="schema")
    id: Ref
    thread: Ref
    previous: Ref | None = None
    sender: PartyId
    recipient: PartyId
    agreement: Ref
    category: Category
    purpose: Purpose
    handling: tuple[Handling, ...] = ()
    created: AwareDatetime
    expires: AwareDatetime
    body: Body

    @model_validator(mode="after")
    def _hangs_together(self) -> Message:
        if self.sender == self.recipient:
            raise ValueError("to oneself")
        if self.expires <= self.created:
            raise ValueError("it expires before it is written")
        if (self.thread == self.id) != (self.previous is None):
            raise ValueError("the first message of a thread, and it alone, follows none")
        datum = getattr(self.body, "datum", None)
        if isinstance(datum, Model) and CATEGORY_OF[datum.type] is not self.category:  # type: ignore[attr-defined]
            raise ValueError("the datum is of another category")
        if isinstance(self.body, RegisterBody) and any(
            CATEGORY_OF[item.content.type] is not self.category for item in self.body.items if item.content is not None
        ):
            raise ValueError("a datum is of another category")
        return self

    @property
    def kind(self) -> Kind:
        return self.body.kind

    @classmethod
    def read(cls, payload: bytes) -> Message:
        """Read the payload of an envelope.

        Raises:
            ExchangeError: `message_form`; `message_version` for a schema that is not known: it is to be set aside.
        """
        schema = parse_object(payload, "message_form").get("schema")
        if isinstance(schema, str) and schema.startswith("fanal.message/") and schema != SCHEMA:
            raise ExchangeError("message_version", schema[:40])
        return cls.parse(payload, "message_form")

    def permitted(self, agreements: Agreements, *, on: date) -> tuple[Agreement, Grant]:
        """The clause that covers this message.

        Raises:
            ExchangeError: what `Agreements.permit` refuses; `handling_missing`.
        """
        giver, taker = self.sender, self.recipient
        if self.kind in _BY_TAKER:
            giver, taker = taker, giver
        agreement, grant = agreements.permit(
            giver=giver,
            taker=taker,
            category=self.category,
            purpose=self.purpose,
            on=on,
            asking=self.kind in _ASKING,
        )
        if missing := set(grant.handling) - set(self.handling):
            raise ExchangeError("handling_missing", min(missing).value, clause=grant.clause)
        return agreement, grant


def write(
    body: Body,
    *,
    sender: str,
    recipient: str,
    category: Category,
    purpose: Purpose,
    agreements: Agreements,
    at: datetime,
    expires: datetime,
    follows: Message | None = None,
    handling: tuple[Handling, ...] = (),
    id: str | None = None,  # noqa: A002 - the standard word
) -> Message:
    """A message under the clause that covers it, with the handling that the clause asks for.

    Raises:
        ExchangeError: what `Agreements.permit` refuses.
    """
    made = id or str(uuid.uuid4())
    giver, taker = (recipient, sender) if body.kind in _BY_TAKER else (sender, recipient)
    agreement, grant = agreements.permit(
        giver=giver, taker=taker, category=category, purpose=purpose, on=at.date(), asking=body.kind in _ASKING
    )
    return Message(
        id=made,
        thread=follows.thread if follows else made,
        previous=follows.id if follows else None,
        sender=sender,
        recipient=recipient,
        agreement=agreement.id,
        category=category,
        purpose=purpose,
        handling=tuple(sorted({*grant.handling, *handling})),
        created=at,
        expires=expires,
        body=body,
    )


class ThreadKind(StrEnum):
    SHARE = "share"
    REGISTER = "register"
    QUERY = "query"
    CONFIRM = "confirm"
    RECONCILE = "reconcile"
    HEADS = "heads"
    RECEIPTS = "receipts"


class Side(StrEnum):
    OPENER = "opener"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a thread stands. `state` is "" before its first message."""

    kind: ThreadKind
    state: str
    opener: str


_O, _X = Side.OPENER, Side.OTHER
# (thread, state, message, who) -> state. "=" takes the state from the message: see `_outcome`.
MOVES: Final[Mapping[tuple[ThreadKind, str, Kind, Side], str]] = {
    (ThreadKind.SHARE, "", Kind.NOTICE, _O): "offered",
    (ThreadKind.SHARE, "offered", Kind.CORRECT, _O): "corrected",
    (ThreadKind.SHARE, "offered", Kind.WITHDRAW, _O): "withdrawn",
    (ThreadKind.SHARE, "held", Kind.CORRECT, _O): "corrected",
    (ThreadKind.SHARE, "held", Kind.WITHDRAW, _O): "withdrawn",
    (ThreadKind.SHARE, "corrected", Kind.CORRECT, _O): "corrected",
    (ThreadKind.SHARE, "corrected", Kind.WITHDRAW, _O): "withdrawn",
    (ThreadKind.REGISTER, "", Kind.REGISTER, _O): "offered",
    (ThreadKind.QUERY, "", Kind.QUESTION, _O): "asked",
    (ThreadKind.QUERY, "asked", Kind.ANSWER, _X): "=",
    (ThreadKind.QUERY, "hit", Kind.DATA_REQUEST, _O): "requested",
    (ThreadKind.QUERY, "possible", Kind.DATA_REQUEST, _O): "requested",
    (ThreadKind.QUERY, "requested", Kind.DATA, _X): "=",
    (ThreadKind.CONFIRM, "", Kind.CONFIRM, _O): "open",
    (ThreadKind.CONFIRM, "open", Kind.REMINDER, _O): "open",
    (ThreadKind.CONFIRM, "open", Kind.CONFIRMATION, _X): "=",
    (ThreadKind.RECONCILE, "", Kind.PASSAGES, _O): "offered",
    (ThreadKind.RECONCILE, "offered", Kind.RECONCILED, _X): "reconciled",
    (ThreadKind.HEADS, "", Kind.HEAD, _O): "offered",
    (ThreadKind.HEADS, "offered", Kind.COSIGNED, _X): "=",
    (ThreadKind.RECEIPTS, "", Kind.RECEIPT, _O): "given",
}

RECEIPTED: Final[Mapping[tuple[ThreadKind, str], str]] = {
    (ThreadKind.SHARE, "offered"): "held",
    (ThreadKind.SHARE, "held"): "held",
    (ThreadKind.SHARE, "corrected"): "held",
    (ThreadKind.SHARE, "withdrawn"): "gone",
    (ThreadKind.SHARE, "gone"): "gone",
    (ThreadKind.REGISTER, "offered"): "held",
    (ThreadKind.REGISTER, "held"): "held",
}
"""What a receipt of the other side makes of the thread that it speaks of."""

_OPENED_BY: Final = {kind: thread for (thread, state, kind, _), _ in MOVES.items() if state == ""}


def advance(thread: Thread | None, message: Message) -> Thread:
    """The thread after a message.

    Raises:
        ExchangeError: `move_not_allowed`: this message cannot follow, or not from this side.
    """
    if thread is None:
        kind = _OPENED_BY.get(message.kind)
        if kind is None or message.previous is not None:
            raise ExchangeError("move_not_allowed", f"{message.kind.value} opens no thread")
        thread = Thread(kind, "", message.sender)
    side = Side.OPENER if message.sender == thread.opener else Side.OTHER
    to = MOVES.get((thread.kind, thread.state, message.kind, side))
    if to is None:
        raise ExchangeError("move_not_allowed", f"{message.kind.value} after {thread.state or 'nothing'}")
    return Thread(thread.kind, _outcome(message) if to == "=" else to, thread.opener)


def _outcome(message: Message) -> str:
    body = message.body
    if isinstance(body, AnswerBody):
        return body.result
    if isinstance(body, DataBody):
        return "declined" if body.datum is None else "given"
    if isinstance(body, ConfirmationBody):
        return body.answer
    assert isinstance(body, CosignedBody)
    return "cosigned" if body.note else "not_cosigned"
