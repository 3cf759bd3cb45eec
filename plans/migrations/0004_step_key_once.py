from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_name_steps")]
    operations = [
        migrations.AddConstraint(
            model_name='protocolstep',
            constraint=models.UniqueConstraint(fields=('protocol', 'key'), name='protocol_step_key_once'),
        ),
    ]
