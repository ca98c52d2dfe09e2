"""Inspection: what was presented at a desk becomes findings and advice. A named officer decides.

    evidence = intake.intake(content, label="page.jpg") # what was delivered, within limits
    subject = read(evidence, Context(on=today))         # every piece by the reader of its kind
    inspection = inspect(subject)                       # every check of the catalogue, and the advice
    to_json(inspection, "en"), to_text(inspection, "ht")

`fanal.inspection.intake` is the module that takes deliveries in, and not exported as a name of its own.
"""

from fanal.inspection.advice import Advice, advise
from fanal.inspection.catalogue import (
    Catalogue,
    Family,
    RenderedCheck,
    RenderedFinding,
    catalogue,
    with_own_checks,
)
from fanal.inspection.errors import CatalogueError, InspectionError, ProfileError, TextsError
from fanal.inspection.findings import Check, Finding, FraudKind, Outcome, Result, Severity, run_all
from fanal.inspection.handbook import catalogue_page, page_name
from fanal.inspection.inspect import Inspection, inspect, worst_first
from fanal.inspection.intake import IntakeError, check_total, intake_text
from fanal.inspection.profiles import Profile, Profiles
from fanal.inspection.reading import NotReadable, nothing_read, read
from fanal.inspection.report import finding_of, region_of, to_json, to_text
from fanal.inspection.subject import Context, Margin, MrzReading, ReadingProblem, Subject
from fanal.inspection.texts import LANGUAGES, label, load

__all__ = [
    "LANGUAGES",
    "Advice",
    "Catalogue",
    "CatalogueError",
    "Check",
    "Context",
    "Family",
    "Finding",
    "FraudKind",
    "Inspection",
    "InspectionError",
    "IntakeError",
    "Margin",
    "MrzReading",
    "NotReadable",
    "Outcome",
    "Profile",
    "ProfileError",
    "Profiles",
    "ReadingProblem",
    "RenderedCheck",
    "RenderedFinding",
    "Result",
    "Severity",
    "Subject",
    "TextsError",
    "advise",
    "catalogue",
    "catalogue_page",
    "check_total",
    "finding_of",
    "inspect",
    "intake_text",
    "label",
    "load",
    "nothing_read",
    "page_name",
    "read",
    "region_of",
    "run_all",
    "to_json",
    "to_text",
    "with_own_checks",
    "worst_first",
]
