"""A reason for every caution, for tests that are about something else."""

from plans.cautions import forms
from plans.cautions.catalogue import cautions

ALL = dict.fromkeys(cautions(), "Talked about with the patient")
FORM = {f"{forms.PREFIX}{key}": reason for key, reason in ALL.items()}
