"""What others may hang on a crossing, inside its transaction."""

from django.dispatch import Signal

# Sent with `crossing`: someone was referred to secondary. Secondary opens the case with it, or neither is there.
referred = Signal()
