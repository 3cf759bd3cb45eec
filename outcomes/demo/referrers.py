"""Who sends the invented patients: people and practices that do not exist."""

from collections.abc import Iterator
from random import Random

from patients.models import OutsideClinician, Patient

REFERRED_SHARE, PRIMARY_CARE_SHARE = 0.6, 0.7
# Name, practice, address and phone number.
REFERRERS = (
    (
        "Dr. Imre Hallowick",
        "Willowmere Foot & Ankle",
        "12 Millrace Lane\nOakhollow",
        "+1 312 555 0176",
    ),
    (
        "Dr. Sunniva Brackenridge",
        "Fernhill Podiatry",
        "4 Tanner Court\nFernhill",
        "+1 312 555 0177",
    ),
    (
        "Dr. Oriel Pennyfold",
        "Harrow Sports Medicine",
        "77 Quarry Road\nHarrow Green",
        "",
    ),
    ("Tobiah Larkspur, PT", "Stepwell Physical Therapy", "9 Ropewalk\nOakhollow", ""),
)
PRIMARY_CARE = (
    (
        "Dr. Maelle Thistleford",
        "Oakhollow Family Practice",
        "1 Church Row\nOakhollow",
        "",
    ),
    ("Dr. Casimir Dunwood", "Fernhill Medical Group", "30 High Street\nFernhill", ""),
)


def rows(rng: Random, patient: Patient) -> Iterator[OutsideClinician]:
    role = OutsideClinician.Role
    for share, known, as_role in (
        (REFERRED_SHARE, REFERRERS, role.REFERRER),
        (PRIMARY_CARE_SHARE, PRIMARY_CARE, role.PRIMARY_CARE),
    ):
        is_named, (name, practice, address, phone) = rng.random(), rng.choice(known)
        if is_named < share:
            yield OutsideClinician(
                clinic_id=patient.clinic_id,
                patient=patient,
                role=as_role,
                name=name,
                practice=practice,
                address=address,
                phone=phone,
                created_at=patient.created_at,
            )
