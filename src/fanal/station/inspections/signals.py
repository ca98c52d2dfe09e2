"""What others may do with an inspection that has just been saved."""

from django.dispatch import Signal

# Sent with `inspection`, after its transaction: the lists are asked then.
inspected = Signal()
