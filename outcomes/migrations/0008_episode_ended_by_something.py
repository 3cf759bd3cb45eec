from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0007_fill_ended_by'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='episode',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_by', ''), ('status', 'active')), models.Q(('status', 'ended'), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='episode_ended_by_something'),
        ),
    ]
