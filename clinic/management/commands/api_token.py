from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from clinic import audit
from clinic.management import terminal
from clinic.models import ApiToken, Membership, User


class Command(BaseCommand):
    help = "Issue an API token with a member's roles; tokens issued before stay valid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--clinic", default="", help="slug; needed for members of many"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        held = self.find_membership(options["email"], options["clinic"])
        token, key = ApiToken.issue(user=held.user, clinic=held.clinic)
        audit.record(
            by=audit.SYSTEM,
            action="token.issued",
            about=token,
            user=str(held.user_id),
            roles=held.roles,
        )
        self.stdout.write(
            f"A token of {held.user.name} for {held.clinic.name} ({held.role_names}), "
            f"shown only now:\n\n    {key}\n\nUse it like this:\n\n"
            f'    curl -H "Authorization: Token {key}" {settings.SITE_URL}/api/v1/'
        )

    def find_membership(self, email: str, slug: str) -> Membership:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody signs in with {email}; use add_member first.")
        if not user.is_active:
            raise CommandError(f"The account of {email} is switched off.")
        held = user.memberships.select_related("clinic", "user")
        if slug:
            held = held.filter(clinic=terminal.find_clinic(slug))
        if len(held) > 1:
            slugs = ", ".join(sorted(one.clinic.slug for one in held))
            raise CommandError(f"Say which clinic with --clinic: {slugs}.")
        if not held:
            where = f"the clinic {slug!r}" if slug else "any clinic"
            raise CommandError(f"{email} does not work in {where}; use add_member.")
        return held[0]
