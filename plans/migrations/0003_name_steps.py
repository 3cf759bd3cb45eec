from django.db import migrations


def name_steps(apps, schema_editor):
    """Steps had a place only; now they have a key that others can follow."""
    for step in apps.get_model("plans", "ProtocolStep").objects.filter(key=""):
        step.key = f"step-{step.position}"
        step.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_details")]
    operations = [migrations.RunPython(name_steps, migrations.RunPython.noop)]
