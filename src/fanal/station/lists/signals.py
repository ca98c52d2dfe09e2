"""What others may do when an entry of a list of ours comes into force or ends."""

from django.dispatch import Signal

# Sent with `entries`, within the transaction.
came_into_force = Signal()
# Sent with `entries` and `reason`, a code, within the transaction.
ended = Signal()
