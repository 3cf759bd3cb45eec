"""What bodies and answers about evaluations look like."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clinic.api_fields import StrictSerializer
from patients.catalogue import findings, red_flags
from patients.models import Finding, RedFlag
from patients.triage import cells
from patients.triage.cells import Conflict, Entries, Entry
from patients.triage.checklist import Checklist, Line
from patients.triage.evaluations import Saved
from patients.triage.note.reasoning import UNVALIDATED
from patients.triage.origin import Group
from patients.triage.origin_items import Cell


class FindingSerializer(serializers.ModelSerializer):
    name = serializers.SerializerMethodField(
        help_text="Code and side, as `record` takes it: `ankle_jerk.left`."
    )
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    words = serializers.SerializerMethodField(help_text="The value as staff read it.")
    entered_by: serializers.Field = serializers.StringRelatedField()

    class Meta:
        model = Finding
        fields = [
            "name",
            "code",
            "side",
            "label",
            "value",
            "words",
            "since_on",
            "informant",
            "entered_by",
            "revision",
        ]
        read_only_fields = fields

    def get_name(self, finding: Finding) -> str:
        return cells.cell_name((finding.code, finding.side))

    def get_label(self, finding: Finding) -> str:
        known = findings.definitions().get(finding.code)
        return known.label if known else finding.code

    def get_words(self, finding: Finding) -> str:
        known = findings.definitions().get(finding.code)
        return known.words(finding.value) if known else finding.value


class EntrySerializer(StrictSerializer):
    value = serializers.CharField(max_length=findings.TEXT_LENGTH)
    since_on = serializers.DateField(required=False, allow_null=True)


@extend_schema_field(
    {
        "type": "object",
        "description": "Entries by name, such as `ankle_jerk.left`; the names and what "
        "each takes are in `catalogue/`.",
        "additionalProperties": {
            "type": "object",
            "nullable": True,
            "required": ["value"],
            "additionalProperties": False,
            "properties": {
                "value": {"type": "string", "maxLength": findings.TEXT_LENGTH},
                "since_on": {"type": "string", "format": "date", "nullable": True},
            },
        },
    }
)
class CellsField(serializers.DictField):
    """Each cell is looked at by `entries_of`, so that errors name cells alike."""

    child = serializers.JSONField(allow_null=True)


class EntriesSerializer(StrictSerializer):
    seen = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="The revision the entries were made upon; the newest if left out.",
    )
    findings = CellsField(allow_empty=False)


class SignatureSerializer(StrictSerializer):
    seen = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="The revision that was read; refused if there is a newer one.",
    )


class BlockSerializer(StrictSerializer):
    block = serializers.ChoiceField(choices=list(findings.BLOCKS))


def entries_of(cells: Mapping[str, Any]) -> Entries:
    """ValidationError names each cell that there is not, or that has another shape."""
    entries: dict[Cell, Entry | None] = {}
    faults: dict[str, list[str]] = {}
    for name, given in cells.items():
        try:
            entries[_known_cell(name)] = _entry(given)
        except serializers.ValidationError as error:
            faults[name] = _said(error.detail)
    if faults:
        raise ValidationError(faults)
    return entries


def _known_cell(name: str) -> Cell:
    """The cell with exactly this name: no cell has two."""
    cell = cells.cell_of(name)
    known = findings.definitions().get(cell[0])
    if known is None or cell[1] not in known.sides or cells.cell_name(cell) != name:
        raise serializers.ValidationError(f"There is no finding {name!r}.")
    return cell


def _entry(given: Any) -> Entry | None:
    if given is None:
        return None
    read = EntrySerializer(data=given)
    read.is_valid(raise_exception=True)
    return Entry(**read.validated_data)


def _said(detail: Any) -> list[str]:
    if isinstance(detail, dict):
        return [text for each in detail.values() for text in _said(each)]
    return [str(each) for each in detail]


class RaisedSerializer(serializers.ModelSerializer):
    finding = serializers.SerializerMethodField()
    action = serializers.SerializerMethodField(help_text="What to do.")

    class Meta:
        model = RedFlag
        fields = ["id", "flag", "tier", "state", "finding", "action"]
        read_only_fields = fields

    def get_finding(self, flag: RedFlag) -> str:
        return red_flags.red_flags()[flag.flag].finding

    def get_action(self, flag: RedFlag) -> str:
        return red_flags.red_flags()[flag.flag].action


class ConflictSerializer(serializers.Serializer):
    name = serializers.CharField()
    ours = EntrySerializer(allow_null=True)
    theirs = EntrySerializer(allow_null=True, help_text="What is stored.")
    by = serializers.CharField(help_text="Who stored it.")


class SavedSerializer(serializers.Serializer):
    revision = serializers.IntegerField()
    changed = serializers.ListField(child=serializers.CharField())
    conflicts = ConflictSerializer(many=True)
    raised = RaisedSerializer(many=True)


def saved_json(saved: Saved) -> dict[str, Any]:
    return {
        "revision": saved.evaluation.revision,
        "changed": [cells.cell_name(cell) for cell in saved.changed],
        "conflicts": [_conflict_json(conflict) for conflict in saved.conflicts],
        "raised": RaisedSerializer(saved.raised, many=True).data,
    }


def _conflict_json(conflict: Conflict) -> dict[str, Any]:
    return {
        "name": cells.cell_name(conflict.cell),
        "ours": _entry_json(conflict.ours),
        "theirs": _entry_json(conflict.theirs),
        "by": conflict.by,
    }


def _entry_json(entry: Entry | None) -> dict[str, Any] | None:
    return None if entry is None else asdict(entry)


class GroupOfItemsSerializer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    given = serializers.IntegerField(help_text="What its items give together.")
    points = serializers.IntegerField(help_text="What of it counts, by the cap.")
    cap = serializers.IntegerField(help_text="The most that this group can give.")
    items = serializers.ListField(child=serializers.CharField())


class ItemSerializer(serializers.Serializer):
    """One item that is met, with what it rests on and what is published about it."""

    item = serializers.CharField()
    group = serializers.CharField()
    finding = serializers.CharField()
    points = serializers.IntegerField()
    is_counted = serializers.BooleanField()
    why_not = serializers.CharField()
    basis = serializers.CharField()
    published_figures = serializers.CharField()
    population = serializers.CharField()
    limits = serializers.CharField()
    grade = serializers.CharField()


class SideOfChecklistSerializer(serializers.Serializer):
    side = serializers.CharField()
    band = serializers.CharField()
    text = serializers.CharField()
    is_gated = serializers.BooleanField(help_text="An urgent red flag is open.")
    lumbar_points = serializers.IntegerField(allow_null=True)
    lumbar_groups = GroupOfItemsSerializer(many=True)
    other_groups = GroupOfItemsSerializer(many=True)
    items = ItemSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    flags_to_check = serializers.ListField(
        child=serializers.CharField(),
        help_text="Red flags that a finding gives reason to ask about.",
    )
    remarks = serializers.ListField(
        child=serializers.CharField(),
        help_text="What to test or to look at again; changes no points.",
    )


class ChecklistsSerializer(serializers.Serializer):
    status = serializers.CharField(help_text=f"Always: {UNVALIDATED}.")
    sides = SideOfChecklistSerializer(many=True)


def checklists_json(found: Sequence[Checklist]) -> dict[str, Any]:
    return {"status": UNVALIDATED, "sides": [_side_json(each) for each in found]}


def _side_json(found: Checklist) -> dict[str, Any]:
    """Shut means shut: nothing of the reckoning is told while a flag is open."""
    result, is_gated = found.result, found.result.is_gated
    return {
        "side": found.side,
        "band": result.band,
        "text": result.text,
        "is_gated": is_gated,
        "lumbar_points": None if is_gated else result.lumbar,
        "lumbar_groups": [] if is_gated else _groups_json(result.lumbar_groups),
        "other_groups": [] if is_gated else _groups_json(result.other_groups),
        "items": [] if is_gated else [_item_json(line) for line in found.lines],
        "missing": [] if is_gated else list(result.missing),
        "flags_to_check": list(found.flags_to_check),
        "remarks": [] if is_gated else list(found.remarks),
    }


def _groups_json(groups: Sequence[Group]) -> list[dict[str, Any]]:
    return [
        {
            "key": group.key,
            "name": group.name,
            "given": group.given,
            "points": group.points,
            "cap": group.cap,
            "items": list(group.items),
        }
        for group in groups
    ]


def _item_json(line: Line) -> dict[str, Any]:
    rule = line.rule
    return {
        "item": rule.key,
        "group": rule.group,
        "finding": rule.finding,
        "points": rule.points,
        "is_counted": line.is_counted,
        "why_not": line.why_not,
        "basis": line.basis,
        "published_figures": rule.published_figures,
        "population": rule.population,
        "limits": rule.limits,
        "grade": rule.grade,
    }
