from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0005_recalled'),
    ]

    operations = [
        migrations.AddField(
            model_name='episode',
            name='ended_by',
            field=models.CharField(blank=True, choices=[('', 'not ended'), ('staff', 'ended by staff'), ('procedure_cancelled', 'the procedure was cancelled'), ('repeated', 'a repeat of the procedure began the next course'), ('plan_in_error', 'the plan was entered in error'), ('died', 'the patient died'), ('withdrew', 'the patient withdrew'), ('imported', 'Imported')], default='', max_length=19),
        ),
    ]
