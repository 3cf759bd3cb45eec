import hashlib
import secrets
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models

from clinic import clock
from clinic.access import Role
from clinic.models.base import Record, uuid7
from clinic.models.clinics import Clinic


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who works here; patients have no account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now, editable=False)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    # The clinic this request works in and the roles held there; set by the
    # middleware or the token, never stored.
    membership: "Membership | None" = None

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def enter(self, clinic: Clinic | None = None) -> Self:
        """Work in this clinic, or in the first one by name; in none if not a member."""
        held = self.memberships.select_related("clinic").order_by("clinic__name")
        if clinic is not None:
            held = held.filter(clinic=clinic)
        self.membership = held.first()
        return self


def validate_roles(roles: Any) -> None:
    known = [role.value for role in Role]
    if not isinstance(roles, list) or not roles:
        raise ValidationError(f"Give at least one role of {', '.join(known)}.")
    unknown = [str(role) for role in roles if role not in known]
    if unknown:
        raise ValidationError(
            f"Unknown role {', '.join(unknown)}; the roles are {', '.join(known)}."
        )


class Membership(Record):
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="memberships", db_index=False
    )
    roles = models.JSONField(validators=[validate_roles])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "clinic"], name="membership_one_a_person_and_clinic"
            ),
            models.CheckConstraint(
                condition=~models.Q(roles=[]), name="membership_has_a_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.clinic}"

    @property
    def role_names(self) -> str:
        return ", ".join(Role(role).label for role in self.roles)


class ApiToken(Record):
    """A key for programs: works in one clinic, with its owner's roles there."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token of {self.user}"

    @staticmethod
    def digest_of(key: str) -> str:
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def issue(cls, *, user: User, clinic: Clinic) -> tuple["ApiToken", str]:
        """The stored row and the key itself, which is kept nowhere."""
        # Without a dash at its beginning, which a command line takes for an option.
        key = secrets.token_hex(32)
        return cls.objects.create(
            user=user, clinic=clinic, digest=cls.digest_of(key)
        ), key
