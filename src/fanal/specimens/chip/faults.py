"""What can be wrong with a specimen chip on purpose."""

from enum import StrEnum


class Fault(StrEnum):
    """One fault. Those of the files are made with the chip; those of behaviour appear while it is read."""

    WRONG_HASH = "wrong_hash"  # DG2 was changed after the State signed
    UNKNOWN_CSCA = "unknown_csca"  # the document signer's certificate is of a CSCA that nobody trusts
    EXPIRED_DSC = "expired_dsc"  # the document signer's certificate had ended before it signed
    REVOKED_DSC = "revoked_dsc"
    CLONED = "cloned"  # all files of a genuine chip, and none of its private keys
    HUGE_LENGTH = "huge_length"  # DG2 claims 4 GB
    ENDLESS_FILE = "endless_file"  # DG2 comes one octet at a time
    ENDLESS_ANSWER = "endless_answer"  # an answer to DG2 that always has more behind it
    WRONG_MAC = "wrong_mac"  # answers while DG2 is read have a MAC that does not hold
    REPLAYED = "replayed"  # answers while DG2 is read are those of before
    DOWNGRADE = "downgrade"  # PACE is offered and fails, so that BAC remains
    PACE_HIDDEN = "pace_hidden"  # EF.CardAccess is missing, though DG14 names PACE
    SLOW = "slow"  # every answer takes long
    REMOVED = "removed"  # the chip leaves the field at a command
    BAD_EXTENDED = "bad_extended"  # says that it takes extended lengths, and does not
