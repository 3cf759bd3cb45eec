"""What a list may say of an appointment: one line for each field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models.enums import Choices

from patients.models import Appointment
from patients.record.imports import fields as of_patients
from patients.record.imports.fields import plain, split

Status, Kind = Appointment.Status, Appointment.Kind


@dataclass(frozen=True, slots=True)
class Field:
    """`columns` are what lists call it, folded; `words` what they write for a value."""

    key: str
    label: str
    columns: Collection[str]
    words: Mapping[str, Collection[str]] = field(default_factory=dict)
    values: tuple[tuple[str, str], ...] = ()


STATUS_WORDS = {
    Status.BOOKED: "booked, scheduled, confirmed, unconfirmed, pending, proposed, new,"
    "open, reminded, left message, sch, sched, conf, waitlist, reservada, programada,"
    "confirmada, pendiente",
    Status.ARRIVED: "arrived, checked in, check in, checkedin, here, in lobby, waiting,"
    "in room, roomed, in exam, in progress, with provider, started, llego, presente,"
    "en sala",
    Status.FULFILLED: "fulfilled, completed, complete, comp, done, seen, kept,"
    "checked out, check out, checkedout, closed, finished, departed, billed, atendida,"
    "completada",
    Status.NO_SHOW: "noshow, no show, ns, missed, dna, did not attend, did not come,"
    "did not show, absent, no asistio, ausente",
    Status.CANCELLED: "cancelled, canceled, cancel, can, cxl, canc, late cancel,"
    "late cancelled, cancelled by patient, canceled by patient, patient cancelled,"
    "patient canceled, cancelled by clinic, canceled by clinic, provider cancelled,"
    "bumped, rescheduled, deleted, cancelada, reprogramada",
    Status.ENTERED_IN_ERROR: "entered in error, error, void, voided",
}
KIND_WORDS = {
    Kind.PROCEDURE: "procedure, proc, procedimiento",
    Kind.VISIT: "visit, office visit, consult, consultation, visita, consulta",
}


def labelled(choices: type[Choices]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), str(label)) for value, label in choices.choices)


FIELDS: dict[str, Field] = {
    known.key: known
    for known in (
        Field(
            "identifier",
            "Appointment number",
            split(
                "identifier, appointment identifier, appointment number,"
                "appointment no, appointment id, appt number,"
                "appt no, appt id, appointment, appt, visit id, visit number,"
                "visit no, encounter id, encounter number, encounter, csn, booking id,"
                "booking number, numero de cita, no de cita, id cita, cita"
            ),
        ),
        Field(
            "mrn",
            "MRN",
            tuple(n for n in of_patients.FIELDS["mrn"].columns if n != "id"),
        ),
        Field(
            "starts",
            "Day and time in one column",
            split(
                "start, starts, starts at, date time, datetime, date and time,"
                "appointment date time, appointment datetime, appt date time,"
                "appointment start, appt datetime, start datetime, start date time,"
                "scheduled start, scheduled at, appointment date and time,"
                "fecha y hora, inicio"
            ),
        ),
        Field(
            "day",
            "Day",
            split(
                "day, date, appointment date, appt date, visit date, service date,"
                "date of service, dos, start date, encounter date, fecha,"
                "fecha de la cita, fecha cita, dia"
            ),
        ),
        Field(
            "time",
            "Time",
            split(
                "time, appointment time, appt time, start time, visit time, begin,"
                "begin time, from, hora, hora de la cita, hora de inicio"
            ),
        ),
        Field(
            "ends",
            "End",
            split(
                "end, ends, ends at, end time, until, to, finish, end datetime,"
                "end date time, scheduled end, appointment end, hora de fin, fin"
            ),
        ),
        Field(
            "duration",
            "Minutes",
            split(
                "minutes, duration, length, mins, duration minutes, duration min,"
                "appointment length, appt length, appt duration, slot length, duracion,"
                "minutos"
            ),
        ),
        Field(
            "status",
            "Status",
            split(
                "status, appointment status, appt status, visit status, state, estado,"
                "estado de la cita, estatus"
            ),
            {value: split(words) for value, words in STATUS_WORDS.items()},
            labelled(Status),
        ),
        Field(
            "kind",
            "Visit or procedure",
            split(
                "kind, type, appointment type, appt type, visit type, visit kind,"
                "service, service type, category, tipo, tipo de cita, servicio"
            ),
            {value: split(words) for value, words in KIND_WORDS.items()},
            labelled(Kind),
        ),
        Field(
            "description",
            "What for",
            split(
                "description, reason, reason for visit, visit reason, what for, notes,"
                "appointment reason, chief complaint, procedure, procedure name,"
                "motivo, descripcion, procedimiento"
            ),
        ),
        Field(
            "location",
            "Location",
            split(
                "location, site, office, place, facility, department, location name,"
                "lugar, sede, consultorio"
            ),
        ),
        Field(
            "practitioner",
            "With whom",
            split(
                "practitioner, provider, provider name, physician, doctor, clinician,"
                "resource, with, provider email, rendering provider, seen by, medico,"
                "profesional"
            ),
        ),
        Field(
            "clinic",
            "Clinic",
            split("clinic, clinic name, practice, practice name, clinica"),
        ),
    )
}
CHOICES = tuple(key for key, known in FIELDS.items() if known.values)
# Where they are not both in one.
DAY_AND_TIME = ("day", "time")

__all__ = ["CHOICES", "DAY_AND_TIME", "FIELDS", "Field", "plain"]
