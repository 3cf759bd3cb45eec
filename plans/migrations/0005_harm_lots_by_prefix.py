"""On PostgreSQL the beginning of a label is found by index in any collation."""

from django.db import migrations, models

OPERATORS = ["uuid_ops", "varchar_pattern_ops", "uuid_ops"]


class Migration(migrations.Migration):
    dependencies = [("plans", "0004_step_key_once")]

    operations = [
        migrations.RemoveIndex("lotuse", "lot_by_lot"),
        migrations.RemoveIndex("lotuse", "lot_by_name"),
        migrations.AddIndex(
            "lotuse",
            models.Index(
                fields=["clinic", "lot_key", "intervention"],
                name="lot_by_lot",
                opclasses=OPERATORS,
            ),
        ),
        migrations.AddIndex(
            "lotuse",
            models.Index(
                fields=["clinic", "name_key", "intervention"],
                name="lot_by_name",
                opclasses=OPERATORS,
            ),
        ),
    ]
