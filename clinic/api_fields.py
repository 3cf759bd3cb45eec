"""What every serializer of the API is made of."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import serializers


class StrictSerializer(serializers.Serializer):
    """Refuses a field it does not know: a typing error must not pass as success."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            refused = {
                name: [self.refusal(name)] for name in data if not self.takes(name)
            }
            if refused:
                raise serializers.ValidationError(refused)
        return super().to_internal_value(data)

    def takes(self, name: str) -> bool:
        return name in self.fields and not self.fields[name].read_only

    def refusal(self, name: str) -> str:
        if name in self.fields:
            return "This field can be read but not written here."
        known = ", ".join(sorted(filter(self.takes, self.fields)))
        if not known:
            return "There is no such field; this takes none."
        return f"There is no such field; the fields here are {known}."


class NothingSerializer(StrictSerializer):
    """An act that takes nothing."""


class ReasonSerializer(StrictSerializer):
    """Why something is ended or taken back."""

    reason = serializers.CharField(max_length=200)


class VisibleField(serializers.PrimaryKeyRelatedField):
    """A row named by its id; one the caller may not read is as good as unknown."""

    def __init__(self, model: type[Model] | None = None, **kwargs: Any) -> None:
        if model is not None:
            kwargs["queryset"] = model._default_manager.all()
            # The library's own words repeat the id and differ by what is wrong.
            kwargs["error_messages"] = {
                "does_not_exist": (
                    f"There is no {model._meta.verbose_name} with this id."
                )
            }
        super().__init__(pk_field=serializers.UUIDField(format="hex_verbose"), **kwargs)

    def get_queryset(self) -> QuerySet:
        rows: Any = super().get_queryset()
        return rows.visible_to(self.context["request"].user)


class IntervalField(serializers.ListField):
    """Lower and upper bound of a 95 % interval."""

    child = serializers.FloatField()
