"""Labels are found whichever dash was typed: the keys kept before are read so too."""

from functools import reduce

from django.db import migrations
from django.db.models import F, Q, Value
from django.db.models.functions import Replace

# All that Unicode calls a dash, and the minus sign; the hyphen is what they become.
DASHES = (
    "\u058a\u05be\u1400\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e17\u2e1a\u2e3a"
    "\u2e3b\u2e40\u2e5d\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\U00010ead"
)


def fold(apps, schema_editor):
    uses = apps.get_model("plans", "LotUse").objects
    for column in ("lot_key", "name_key"):
        holds_one = reduce(
            Q.__or__, (Q(**{f"{column}__contains": dash}) for dash in DASHES)
        )
        folded = reduce(
            lambda text, dash: Replace(text, Value(dash), Value("-")),
            DASHES,
            F(column),
        )
        uses.filter(holds_one).update(**{column: folded})


class Migration(migrations.Migration):
    dependencies = [("plans", "0007_fill_steps")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
