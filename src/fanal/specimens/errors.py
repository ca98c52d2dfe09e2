"""The one exception of this room."""


class SpecimenError(Exception):
    """A specimen that cannot be made as asked; the message says why."""
