"""What was answered before the two parts of a follow-up were told apart."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def fill(apps, schema_editor):
    FollowUp = apps.get_model("outcomes", "FollowUp")
    SurveyRequest = apps.get_model("outcomes", "SurveyRequest")
    FollowUp.objects.filter(state="completed", answered_at=None).update(
        answered_at=F("completed_at")
    )
    began = SurveyRequest.objects.filter(pk=OuterRef("request"))
    FollowUp.objects.filter(asked_at=None, request__isnull=False).update(
        asked_at=Subquery(began.values("created_at"))
    )


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0009_contact")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
