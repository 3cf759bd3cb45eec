"""What a list may say of a patient: one line for each field that can be imported."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from clinic.models import Language
from patients.models import Caregiver, Patient
from patients.models.searching import fold


class Kind(StrEnum):
    TEXT = "text"
    DAY = "day"
    CHOICE = "choice"
    YES_NO = "yes or no"


YES, NO = "yes", "no"
# One column for both names; it stands for them.
WHOLE_NAME = "whole_name"


@dataclass(frozen=True, slots=True)
class Field:
    """`columns` are what lists call it, folded, in English and Spanish.

    `words` are what lists write for each of our values, folded too.
    """

    key: str
    label: str
    kind: Kind
    columns: Collection[str]
    words: Mapping[str, Collection[str]]
    is_required: bool

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        """Our values with their labels, for a select."""
        return CHOICES.get(self.key, ((YES, "Yes"), (NO, "No")))


# Rows of their own beside the patient; a field's name says whose it is.
BESIDE = ("caregiver", "referrer", "primary_care")
CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "sex": tuple((value, label) for value, label in Patient.Sex.choices),
    "language": tuple((value, label) for value, label in Language.choices),
    "preferred_channel": tuple(
        (value, label.capitalize()) for value, label in Patient.Channel.choices
    ),
    "payer_class": tuple(
        (value, label[0].upper() + label[1:])
        for value, label in Patient.PayerClass.choices
    ),
    "caregiver_relationship": tuple(
        (value, label.capitalize()) for value, label in Caregiver.Relationship.choices
    ),
}
_WORDS = {
    "sex": {
        "female": "f, female, w, woman, femenino, femenina, mujer",
        "male": "m, male, man, masculino, masculina, hombre, h, varon",
        "other": "o, other, otro, otra, x, nonbinary, non binary",
        "unknown": "u, unknown, desconocido, not known, unk",
    },
    "language": {
        "en": "en, eng, english, ingles, en us, en gb",
        "es": "es, spa, spanish, espanol, castellano, es us, es mx, es es",
    },
    "preferred_channel": {
        "email": "email, e mail, mail, correo, correo electronico",
        "sms": "sms, text, text message, mensaje, mensaje de texto",
        "phone": "phone, phone call, call, telefono, llamada",
        "letter": "letter, post, carta, postal mail",
    },
    "payer_class": {
        "commercial": "commercial, commercial insurance, private, ppo, hmo, privado",
        "medicare": "medicare",
        "medicaid": "medicaid",
        "workers_comp": "workers comp, workers compensation, work comp, wc",
        "motor_vehicle": "auto, motor vehicle, mva, pip, car insurance",
        "self_pay": "self pay, selfpay, self, cash, particular",
        "other": "other, otro",
        "unknown": "unknown, none, desconocido",
    },
    "caregiver_relationship": {
        "parent": "parent, mother, father, mom, dad, madre, padre",
        "guardian": "guardian, legal guardian, tutor, tutora",
        "partner": "partner, spouse, wife, husband, esposa, esposo, pareja",
        "child": "child, son, daughter, hijo, hija",
        "other": "other, otro, otra",
    },
}
_YES_NO = {
    YES: "yes, y, true, t, 1, si, s, x, consented, agreed",
    NO: "no, n, false, f, 0, declined, refused",
}


def field(
    key: str, label: str, kind: Kind, columns: str, *, is_required: bool = False
) -> Field:
    words = _YES_NO if kind == Kind.YES_NO else _WORDS.get(key, {})
    return Field(
        key=key,
        label=label,
        kind=kind,
        columns=split(columns),
        words={value: split(listed) for value, listed in words.items()},
        is_required=is_required,
    )


def split(listed: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in listed.split(","))


def plain(text: str) -> str:
    """Small letters without accents and marks: Fecha_de-Nacimiento is one spelling."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


FIELDS: dict[str, Field] = {
    known.key: known
    for known in (
        field(
            "mrn",
            "MRN",
            Kind.TEXT,
            "mrn, medical record number, medical record no, record number, patient id,"
            "patient no, patient number, chart number, chart no, chart, account number,"
            "id, numero de expediente, no de expediente, expediente, historia clinica,"
            "numero de historia, nhc, id paciente",
        ),
        field(
            "given_name",
            "First name",
            Kind.TEXT,
            "first name, firstname, given name, given names, first, forename, fname,"
            "patient first name, nombre, nombres, primer nombre, nombre de pila",
        ),
        field(
            "family_name",
            "Last name",
            Kind.TEXT,
            "last name, lastname, family name, surname, last, lname, patient last name,"
            "apellido, apellidos, primer apellido",
            is_required=True,
        ),
        field(
            WHOLE_NAME,
            "Name as “Last, First”",
            Kind.TEXT,
            "name, patient name, full name, patient, nombre completo, paciente,"
            "nombre del paciente",
        ),
        field(
            "birth_date",
            "Birth date",
            Kind.DAY,
            "birth date, birthdate, date of birth, dob, born, birthday, patient dob,"
            "fecha de nacimiento, fecha nacimiento, fec nac, f nacimiento, nacimiento",
            is_required=True,
        ),
        field("sex", "Sex", Kind.CHOICE, "sex, gender, patient sex, sexo, genero"),
        field(
            "email",
            "E-mail",
            Kind.TEXT,
            "email, e mail, email address, e mail address, mail, patient email, correo,"
            "correo electronico",
        ),
        field(
            "may_contact",
            "May be e-mailed",
            Kind.YES_NO,
            "may contact, consent, email consent, consent to email, may we email,"
            "consent to be asked, ok to email, ok to e mail, consent to e mail,"
            "may we e mail, consentimiento, acepta correo",
        ),
        field(
            "phone",
            "Phone",
            Kind.TEXT,
            "phone, phone number, telephone, tel, mobile, mobile phone, cell,"
            "cell phone, home phone, telefono, celular, movil, numero de telefono",
        ),
        field(
            "language",
            "Language",
            Kind.CHOICE,
            "language, preferred language, primary language, lang, idioma, lengua,"
            "idioma preferido",
        ),
        field(
            "zone", "Time zone", Kind.TEXT, "time zone, timezone, zone, zona horaria"
        ),
        field(
            "preferred_channel",
            "Preferred channel",
            Kind.CHOICE,
            "preferred channel, preferred contact, contact preference,"
            "preferred contact method, contacto preferido, medio preferido",
        ),
        field(
            "payer_class",
            "Payer",
            Kind.CHOICE,
            "payer, payer class, payor, financial class, insurance type, insurance,"
            "pagador, seguro, aseguradora",
        ),
        field(
            "injury_on",
            "Injury date",
            Kind.DAY,
            "injury date, date of injury, doi, accident date, date of accident,"
            "fecha de lesion, fecha de la lesion, fecha del accidente",
        ),
        field(
            "caregiver_name",
            "Guardian or caregiver",
            Kind.TEXT,
            "guardian, guardian name, caregiver, caregiver name, responsible party,"
            "parent, parent name, emergency contact, tutor, nombre del tutor,"
            "cuidador, persona responsable",
        ),
        field(
            "caregiver_relationship",
            "Guardian is the",
            Kind.CHOICE,
            "relationship, relation, guardian relationship, parentesco, relacion",
        ),
        field(
            "caregiver_phone",
            "Guardian’s phone",
            Kind.TEXT,
            "guardian phone, caregiver phone, parent phone, emergency phone,"
            "emergency contact phone, telefono del tutor",
        ),
        field(
            "caregiver_email",
            "Guardian’s e-mail",
            Kind.TEXT,
            "guardian email, caregiver email, parent email, correo del tutor",
        ),
        field(
            "referrer_name",
            "Referred by",
            Kind.TEXT,
            "referrer, referred by, referring provider, referring physician,"
            "referral source, referido por, medico remitente",
        ),
        field(
            "primary_care_name",
            "Primary care",
            Kind.TEXT,
            "primary care, primary care provider, primary care physician, pcp,"
            "family doctor, medico de cabecera, medico familiar",
        ),
    )
}
