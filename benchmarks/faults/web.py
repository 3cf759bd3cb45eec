"""REL-12: the web server killed while patients submit."""

from benchmarks.faults.rows import Row, Sizes
from tests.faults import web_kills


def killed(sizes: Sizes) -> Row:
    """Twice as often as workers are."""
    outcome = web_kills.run(2 * sizes.kills)
    is_whole = outcome.kills == 2 * sizes.kills
    fault = "kill -9 of the web server during submit"
    return Row(fault, str(outcome), outcome.holds and is_whole)
