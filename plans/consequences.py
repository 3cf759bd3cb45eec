"""What changes below mean for protocols and plans."""

from clinic import consequences
from plans import protocols

consequences.register("clinic.opened", apply=protocols.install)
