"""Utopian travellers for station tests: an inspection as it stands in the database, and a case that it led to."""

from __future__ import annotations

import io
import uuid
from datetime import date

from PIL import Image

from fanal.station.accounts.models import Officer
from fanal.station.administration.models import Station
from fanal.station.crossings.models import Crossing
from fanal.station.crossings.services import decide
from fanal.station.inspections.models import EvidenceFile, Inspection
from fanal.station.places.models import Lane
from fanal.station.secondary.models import Agency, Case

CLAIMS = {
    "document_code": "P",
    "issuing_state": "UTO",
    "document_number": "L898902C3",
    "primary_identifier": "ERIKSSON",
    "secondary_identifier": "ANNA MARIA",
    "nationality": "UTO",
    "date_of_birth": "1974-08-12",
    "sex": "F",
    "date_of_expiry": "2032-04-15",
}


def inspection(
    officer: Officer, lane: Lane | None = None, *, advice: str = "refer", picture: bool = False, **claims: str
) -> Inspection:
    """An inspection of a Utopian passport with this advice."""
    values = CLAIMS | claims
    row = Inspection.objects.create(
        request_id=uuid.uuid4(),
        officer=officer,
        lane=lane,
        on=date(2026, 11, 25),
        advice=advice,
        report={
            "claims": [{"field": f, "value": v, "source": "mrz"} for f, v in values.items()],
            "findings": [],
            "advice": advice,
        },
        issuing_state=values["issuing_state"],
        document_number=values["document_number"],
    )
    if picture:
        buffer = io.BytesIO()
        Image.new("RGB", (1250, 880), "#dfe6ea").save(buffer, "PNG")
        EvidenceFile.objects.create(
            inspection=row,
            position=0,
            sha256="0" * 64,
            kind="picture",
            media_type="image/png",
            content=buffer.getvalue(),
        )
    return row


def refer(officer: Officer, lane: Lane, *, request_id: uuid.UUID | None = None, **how: object) -> Case:
    """A traveller referred to secondary, and the case of it."""
    shown = inspection(officer, lane, **how)  # type: ignore[arg-type]
    crossing: Crossing = decide(
        request_id=request_id or uuid.uuid4(),
        officer=officer,
        inspection=shown,
        lane=lane,
        outcome="referred",
        reasons=["document_findings"],
    )
    return Case.objects.get(referral=crossing)


def local_data() -> dict[str, Agency]:
    """The authority, and one agency of each kind that a case may need."""
    Station.objects.update_or_create(id=1, defaults={"authority": "Border Authority of Utopia"})
    kinds = ("protection", "child_protection", "police", "consulate")
    made = {kind: Agency.objects.create(kind=kind, name=f"Utopian {kind}", phone="+000 1") for kind in kinds}
    made["appeal"] = Agency.objects.create(
        kind="appeal", name="Utopian Board of Appeal", address="1 Harbour Street\nUtopia", days_to_contest=30
    )
    return made
