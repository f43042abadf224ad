"""What this witness expected of the server and what it got: one line a case while it runs, one table at the end."""

import sys

from authlib.common.errors import AuthlibBaseError
from joserfc.errors import JoseError
from relying_party import Declined, Refused


class Cases:
    """The cases so far."""

    def __init__(self):
        self.rows = []
        self.notes = []

    def works(self, name, attempt):
        """Something that must work; gives what it gave. If it does not, nothing after it would mean anything."""
        try:
            value = attempt()
        except Exception as error:
            self._add(name, "works", said(error))
            raise
        self._add(name, "works", "works")
        return value

    def refused(self, name, expected, attempt):
        """Something that must be refused in exactly this way: see ``said``."""
        got = "works"
        try:
            attempt()
        except Exception as error:  # Whatever it is, the table says it.
            got = said(error)
        self._add(name, expected, got)

    def not_advertised(self, what):
        """What this server does not offer, so that nobody takes silence for a pass."""
        self.note(f"not advertised: {what}")

    def note(self, text):
        """What an optional part of the protocol was seen to do."""
        self.notes.append(text)
        print(f"  - {text}")

    def _add(self, name, expected, got):
        passed = expected == got
        self.rows.append((name, expected, got, passed))
        print(f"  {'✓' if passed else '✗'} {name}: {got}{'' if passed else f', not {expected}'}")

    def finish(self, title):
        """Prints the table; gives the exit code."""
        head = ("case", "expected", "got", True)
        widths = [max(len(row[column]) for row in [head, *self.rows]) for column in range(2)]
        print(f"\n{title}")
        for name, expected, got, passed in [head, *self.rows]:
            differs = "" if passed else "   <-- DIFFERS"
            print(f"{name:<{widths[0]}}  {expected:<{widths[1]}}  {got}{differs}")
        for note in self.notes:
            print(note)
        failed = sum(not passed for *_, passed in self.rows)
        print(f"\n{len(self.rows) - failed} passed, {failed} failed")
        return 1 if failed else 0


def equal(got, expected):
    """An assertion that survives ``python -O``."""
    if got != expected:
        raise AssertionError(f"{got!r} is not {expected!r}")


def said(error):
    """``STATUS code`` of a JSON answer, ``STATUS Scheme code`` of a challenge, ``redirect code`` of an authorization
    response, ``library NAME`` of a check that the relying party or its library made."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, Declined):
        return f"redirect {error}"
    if isinstance(error, (AuthlibBaseError, JoseError)):
        return f"library {error.error}"
    return f"{type(error).__name__}: {error}"


def judge(title, script):
    """Runs the cases and ends the process with what came of them."""
    cases = Cases()
    try:
        script(cases)
    except Exception:
        cases.finish(title)
        raise
    sys.exit(cases.finish(title))
