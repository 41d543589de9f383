"""What a journey costs; money is in cents."""

BASE = 250
PER_ZONE = 90
CHILD_AGE = 14


def fare(zones, age):
    """The fare for a journey through `zones` zones; children pay half, rounded down to a cent."""
    if zones < 1:
        raise ValueError(f"a journey has at least one zone, not {zones}")
    full = BASE + PER_ZONE * zones
    if age <= CHILD_AGE:
        return full // 2
    return full
