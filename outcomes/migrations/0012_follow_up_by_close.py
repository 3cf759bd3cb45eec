from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0011_clinician")]

    operations = [
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                fields=["clinic", "closes_on"], name="follow_up_by_close"
            ),
        )
    ]
