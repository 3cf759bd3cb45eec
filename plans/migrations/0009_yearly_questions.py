from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("plans", "0008_fold_dashes"),
    ]

    operations = [
        migrations.AddField(
            model_name="protocol",
            name="yearly_until",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="timepoint",
            name="is_yearly",
            field=models.BooleanField(default=False),
        ),
    ]
