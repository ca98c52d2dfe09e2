"""What an officer does at the desk, for tests: documents of Utopia as scanned, an inspection, a decision."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from fanal.documents import Field, mrz


def passport(number: str = "L898902C3", **fields: str) -> str:
    """The MRZ of a Utopian passport, as a scanner types it."""
    values = {
        Field.DOCUMENT_CODE: "P",
        Field.ISSUING_STATE: "UTO",
        Field.PRIMARY_IDENTIFIER: "ERIKSSON",
        Field.SECONDARY_IDENTIFIER: "ANNA MARIA",
        Field.DOCUMENT_NUMBER: number,
        Field.NATIONALITY: "UTO",
        Field.DATE_OF_BIRTH: "1974-08-12",
        Field.SEX: "F",
        Field.DATE_OF_EXPIRY: "2031-04-15",
        Field.PERSONAL_NUMBER: "ZE184226B",
    } | {Field(name): value for name, value in fields.items()}
    return "\n".join(mrz.compose(mrz.Format.TD3, values))


GENUINE = passport()
EXPIRED = passport("L898902X7", date_of_expiry="2020-04-15")
WRONG_DIGIT = GENUINE.replace("L898902C36", "L898902C37")


def inspect(client: Client, text: str) -> str:
    """Scan; the path of the inspection."""
    response = client.post("/inspect/", {"mrz": text})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def decide_on(client: Client, shown: Any, **fields: Any) -> HttpResponse:
    """Decide on the inspection that this page shows."""
    path = f"{shown.request['PATH_INFO']}decide/"
    return client.post(path, {"request_id": str(shown.context["request_id"]), **fields})  # type: ignore[return-value]
