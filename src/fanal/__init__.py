"""Fanal, the open border desk: document evidence, checks and advice; a named officer decides."""

__version__ = "0.1.0"
