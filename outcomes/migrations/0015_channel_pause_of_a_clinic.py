import django.db.models.deletion
from django.db import migrations, models

import clinic.clock


class Migration(migrations.Migration):
    """Made anew for its key. A pause that is lost begins again with the next refusal."""

    dependencies = [
        ('clinic', '0002_locations'),
        ('outcomes', '0014_ways_to_reach'),
    ]

    operations = [
        migrations.DeleteModel(name='ChannelPause'),
        migrations.CreateModel(
            name='ChannelPause',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('channel', models.CharField(choices=[('email', 'e-mail'), ('sms', 'text message'), ('letter', 'Letter')], max_length=6)),
                ('clinic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinic.clinic')),
                ('reason', models.CharField(max_length=80)),
                ('is_asked_for', models.BooleanField(default=False)),
                ('begun_at', models.DateTimeField(default=clinic.clock.now)),
                ('next_try_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['channel', 'id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('clinic__isnull', True)), fields=('channel',), name='channel_pause_one_of_all'),
                    models.UniqueConstraint(condition=models.Q(('clinic__isnull', False)), fields=('clinic', 'channel'), name='channel_pause_one_a_clinic'),
                ],
            },
        ),
    ]
