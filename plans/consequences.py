"""What changes below mean for protocols and plans."""

from clinic import consequences
from plans import protocols, records

consequences.register("clinic.opened", apply=protocols.install)
# A merge rewrites nothing; who is about to press it sees what each record has.
consequences.register("patient.merged", preview=records.held_of)
