"""What can go wrong in a measurement, and what to do about it.

BenchmarkError        a measurement cannot be made as asked
└── ServerFailed      the server under test did not start, or did not answer every query

Messages are one line, name the offending value, and end with the way out.
"""


class BenchmarkError(Exception):
    """Root of this room's errors; rows of earlier measurements are already written."""

    exit_code = 1


class ServerFailed(BenchmarkError):
    """Raised by benchmarks.served; a figure over failed queries would be worth nothing."""
