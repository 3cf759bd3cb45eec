import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clinic.management import progress, terminal
from clinic.models import Clinic
from outcomes.dashboards.facts import whole

DIFFERENT = 1


class Command(BaseCommand):
    help = (
        "Make what the dashboards count anew from answers and plans. With --check "
        "nothing is written: what is kept is compared with what would be made. Exit "
        "code 1: some differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="compare, and change nothing"
        )
        parser.add_argument("--clinic", help="the clinic's slug; else all clinics")
        parser.add_argument(
            "--show", type=int, default=20, help="how many differences to print"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["clinic"]
        every = list(Clinic.objects.order_by("pk"))
        clinics = [terminal.find_clinic(slug)] if slug else every
        if not options["check"]:
            for clinic in clinics:
                self._rebuild(clinic)
            return
        # Each of them, also after one that does not hold.
        failed = [one for one in clinics if not self._check(one, options["show"])]
        if failed:
            raise SystemExit(DIFFERENT)

    def _rebuild(self, clinic: Clinic) -> None:
        with self._watch() as watch:
            watch.stage(str(clinic), whole.number_of_episodes(clinic))
            made = whole.rebuild(clinic, watch.at)
        self.stdout.write(f"{clinic}: {made:,} facts.")

    def _check(self, clinic: Clinic, show: int) -> bool:
        with self._watch() as watch:
            watch.stage(str(clinic), whole.number_of_episodes(clinic))
            proof = whole.check(clinic, watch.at)
        self.stdout.write(
            f"{clinic}: {proof.episodes:,} courses, {proof.facts:,} facts: "
            f"{len(proof.stale):,} courses and {len(proof.wrong):,} tallies differ."
        )
        for episode in proof.stale[:show]:
            self.stdout.write(f"  course {episode}")
        for place in proof.wrong[:show]:
            self.stdout.write(
                f"  tally of {place.dimension} {place.key or '(none)'} on day "
                f"{place.bin_day}, measure {place.measure_id}"
            )
        return proof.holds

    def _watch(self) -> progress.Bar | progress.Lines:
        if sys.stdout.isatty():
            return progress.Bar(sys.stdout)
        return progress.Lines(self.stdout.write, long=5_000)
