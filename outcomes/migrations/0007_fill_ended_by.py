from django.db import migrations

# The words by which an episode said what ended it; any others are staff's own.
CODES = {
    "the procedure was cancelled": "procedure_cancelled",
    "a repeat of the procedure began the next course": "repeated",
    "the plan was entered in error": "plan_in_error",
    "the patient died": "died",
    "the patient withdrew": "withdrew",
    "imported": "imported",
}


def fill_ended_by(apps, schema_editor):
    ended = apps.get_model("outcomes", "Episode").objects.filter(status="ended")
    ended.exclude(end_reason__in=CODES).update(ended_by="staff")
    for words, code in CODES.items():
        ended.filter(end_reason=words).update(ended_by=code)


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0006_ended_by")]
    operations = [migrations.RunPython(fill_ended_by, migrations.RunPython.noop)]
