"""`fanal specimen chip`: a simulated eMRTD as a card in a virtual PC/SC reader.

pcscd with the driver vpcd (Debian: pcscd, vsmartcard-vpcd) waits for cards on TCP port 35963 of this machine. This
program is one, until it is interrupted; then `fanal chip read` and any other program find it on "Virtual PCD 00 00".
The MRZ and the card access number that open it are printed; --certificates writes the CSCA and the revocation list of
Utopia, for `fanal trust import`.

Exit status: 0 taken away; 2 wrong usage; 4 no virtual reader there, or a folder that cannot be written.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

NOT_OPENED = 4
# The same as `fanal.specimens.chip.Fault`, which is loaded only when it is used; a test compares them.
FAULTS = (
    "wrong_hash", "unknown_csca", "expired_dsc", "revoked_dsc", "cloned", "huge_length", "endless_file",
    "endless_answer", "wrong_mac", "replayed", "downgrade", "pace_hidden", "slow", "removed", "bad_extended",
)  # fmt: skip
PORT = 35963


def add_chip(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `chip` to the commands of `fanal specimen`."""
    parser = subparsers.add_parser(
        "chip",
        help="lay a simulated chip on a virtual PC/SC reader",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which document (default 0)")
    parser.add_argument("--format", choices=("td1", "td2", "td3"), default="td3", help="of what format (default td3)")
    parser.add_argument("--fault", choices=FAULTS, help="what is wrong with the chip")
    parser.add_argument("--access", choices=("pace", "bac"), default="pace", help="how it opens (default pace)")
    parser.add_argument("--short", action="store_true", help="a chip that takes no APDUs of extended length")
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help=f"the reader's TCP port (default {PORT})")
    parser.add_argument("--mrz", type=Path, metavar="FILE", help="write the MRZ there as well")
    parser.add_argument("--certificates", type=Path, metavar="DIR", help="write Utopia's certificates there, and end")
    parser.set_defaults(run=run)


def _fail(status: int, message: str) -> int:
    print(f"fanal specimen chip: {message}", file=sys.stderr)
    return status


def run(args: argparse.Namespace) -> int:
    try:
        from fanal import specimens
        from fanal.documents import mrz
        from fanal.specimens.chip import Fault, SimulatedChip, certificates, make_chip
        from fanal.specimens.chip.vpcd import VirtualCard
    except ModuleNotFoundError as error:
        return _fail(2, f"this needs {error.name}: pip install 'fanal[specimen,chip]'")
    try:
        document = specimens.issue(mrz.Format(args.format), args.seed)
        if args.certificates is not None:
            args.certificates.mkdir(parents=True, exist_ok=True)
            for name, content in certificates(document).items():
                (args.certificates / name).write_bytes(content)
                print(args.certificates / name)
            return 0
        chip = make_chip(
            args.seed,
            document=document,
            pace=() if args.access == "bac" else (("6.2", 13), ("2.2", 13)),
            fault=Fault(args.fault) if args.fault else None,
            extended=not args.short,
        )
        lines = "\n".join(chip.document.lines) + "\n"
        if args.mrz is not None:
            args.mrz.write_text(lines, encoding="ascii")
        card = VirtualCard(SimulatedChip(chip, wait=time.sleep), port=args.port)
    except specimens.SpecimenError as error:
        return _fail(NOT_OPENED, str(error))
    except OSError as error:
        return _fail(NOT_OPENED, f"{error.filename}: {error.strerror}")
    print(f"{lines}CAN {chip.can}\non the virtual reader; interrupt to take it away", flush=True)
    # Also where it was started in the background of a shell, which lets such programs ignore interrupts.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        card.run()
    except KeyboardInterrupt:
        card.close()
    return 0
