from django.db import migrations

ROLES = {"site": "contributing", "comorbid": "incidental"}
CERTAINTIES = {"provisional": "suspected"}


def rename(apps, schema_editor):
    diagnoses = apps.get_model("patients", "Diagnosis").objects
    for before, after in ROLES.items():
        diagnoses.filter(role=before).update(role=after)
    for before, after in CERTAINTIES.items():
        diagnoses.filter(certainty=before).update(certainty=after)


def rename_back(apps, schema_editor):
    diagnoses = apps.get_model("patients", "Diagnosis").objects
    for before, after in ROLES.items():
        diagnoses.filter(role=after).update(role=before)
    for before, after in CERTAINTIES.items():
        diagnoses.filter(certainty=after).update(certainty=before)


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_evaluation_and_record")]
    operations = [migrations.RunPython(rename, rename_back)]
