from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import QuerySet

from clinic import audit, clock
from clinic.management import terminal
from clinic.models import ApiToken, Membership, User

# What stands for a key where every token is meant.
EACH_ONE = "all"


class Command(BaseCommand):
    help = "Issue an API token with a member's roles, or revoke those issued before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--clinic", default="", help="slug; needed for members of many"
        )
        parser.add_argument(
            "--revoke",
            metavar="KEY",
            default="",
            help="end this token of the person, or with 'all' each one in the clinic",
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email, slug, key = options["email"], options["clinic"], options["revoke"]
        if key:
            self.revoke(email, slug, key)
        else:
            self.issue(self.find_membership(email, slug))

    def issue(self, held: Membership) -> None:
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

    def revoke(self, email: str, slug: str, key: str) -> None:
        """Also of somebody who is switched off or works there no longer."""
        tokens = self.tokens_in_use(self.find_user(email), slug)
        if key != EACH_ONE:
            tokens = tokens.filter(digest=ApiToken.digest_of(key.strip()))
        slugs = sorted({token.clinic.slug for token in tokens})
        if not slugs:
            raise CommandError(f"{email} has no such token in use; none was revoked.")
        if len(slugs) > 1:
            raise CommandError(f"Say which clinic with --clinic: {', '.join(slugs)}.")
        for token in tokens:
            token.revoked_at = clock.now()
            token.save(update_fields=["revoked_at"])
            audit.record(
                by=audit.SYSTEM,
                action="token.revoked",
                about=token,
                user=str(token.user_id),
            )
        self.stdout.write(f"Revoked tokens of {email} in {slugs[0]}: {len(tokens)}.")

    def tokens_in_use(self, user: User, slug: str) -> QuerySet[ApiToken]:
        tokens = user.api_tokens.filter(revoked_at=None).select_related("clinic")
        return tokens.filter(clinic=terminal.find_clinic(slug)) if slug else tokens

    def find_user(self, email: str) -> User:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody signs in with {email}; use add_member first.")
        return user

    def find_membership(self, email: str, slug: str) -> Membership:
        user = self.find_user(email)
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
