"""Secure messaging: every command and answer enciphered and authenticated (Doc 9303-11, 9.8)."""

from fanal.chip.secure_messaging.session import SecureMessaging

__all__ = ["SecureMessaging"]
