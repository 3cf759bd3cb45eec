from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0015_channel_pause_of_a_clinic"),
    ]

    operations = [
        migrations.AlterField(
            model_name="wording",
            name="kind",
            field=models.CharField(max_length=12),
        ),
    ]
