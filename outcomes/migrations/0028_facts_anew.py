from django.db import migrations
from django.db.models.functions import Now


def derive_anew(apps, schema_editor):
    """Facts of before stand in no tally; the worker makes all of them again."""
    apps.get_model("outcomes", "OutcomeFact").objects.all().delete()
    apps.get_model("outcomes", "Episode").objects.update(facts_due_at=Now())


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0027_facts_of_groups")]

    operations = [migrations.RunPython(derive_anew, migrations.RunPython.noop)]
