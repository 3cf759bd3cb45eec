from django.db import migrations

# As instruments/data/measures.toml has them since.
LEVELS = {"pain_site": ("3.7", 3), "pain_back": ("3.6", 3)}


def fill(apps, schema_editor):
    measures = apps.get_model("outcomes", "Measure").objects.filter(origin="shipped")
    for key, (mdc_points, pass_at) in LEVELS.items():
        own = measures.filter(key=key)
        own.filter(mdc_points=None).update(mdc_points=mdc_points)
        own.filter(pass_at=None).update(pass_at=pass_at)


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0029_important_change")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
