"""The errors of this room."""

from __future__ import annotations


class InspectionError(Exception):
    """The family: everything that this room raises."""


class TextsError(InspectionError):
    """A message catalogue that is incomplete, or a language that there is none for."""


class ProfileError(InspectionError):
    """A profile file that does not say what a profile must; the message names the file and the place."""


class CatalogueError(InspectionError):
    """A check that does not exist, or a family of checks that cannot be part of the catalogue."""
