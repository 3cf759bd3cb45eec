from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0010_fill_answered")]

    operations = [
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                fields=["clinic", "closes_on"], name="follow_up_by_close"
            ),
        )
    ]
