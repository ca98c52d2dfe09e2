"""Vocabulary of travel documents: evidence, claims, names, dates, States and the MRZ. Frozen values, no I/O.

Imports nothing else of Fanal; the clock is always an argument.
"""

from fanal.documents.claims import Claim, Document, Field, Region, Source
from fanal.documents.evidence import Captured, Evidence, Kind, Light

__all__ = ["Captured", "Claim", "Document", "Evidence", "Field", "Kind", "Light", "Region", "Source"]
