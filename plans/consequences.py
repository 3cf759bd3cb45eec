"""What changes below mean for protocols and plans."""

from clinic import consequences
from plans.course import records
from plans.protocols import installation

consequences.register("clinic.opened", apply=installation.install)
# A merge rewrites nothing; who is about to press it sees what each record has.
consequences.register("patient.merged", preview=records.held_of)
