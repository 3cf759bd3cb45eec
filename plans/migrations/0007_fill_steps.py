from django.db import migrations


def fill_steps(apps, schema_editor):
    """Interventions planned before steps were kept with them: matched by their title."""
    steps = {
        (step.protocol_id, step.title): step.pk
        for step in apps.get_model("plans", "ProtocolStep").objects.all()
    }
    interventions = apps.get_model("plans", "Intervention").objects
    waiting = interventions.filter(step=None, plan__protocol__isnull=False)
    for row in waiting.select_related("plan").iterator():
        step = steps.get((row.plan.protocol_id, row.title))
        if step is not None:
            interventions.filter(pk=row.pk).update(step=step)


class Migration(migrations.Migration):
    dependencies = [("plans", "0006_timepoint_grounding")]
    operations = [migrations.RunPython(fill_steps, migrations.RunPython.noop)]
