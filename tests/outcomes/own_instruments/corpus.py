"""Questionnaires and dictionaries that nobody ever asked: invented, and then broken."""

import copy
import csv
import io
import json
import random
from typing import Any

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
Json = dict[str, Any]


def extension(name: str, **value: Any) -> Json:
    return {"url": name if ":" in name else CORE + name, **value}


def translated(text: str) -> Json:
    told = [
        {"url": "lang", "valueCode": "es"},
        {"url": "content", "valueString": f"{text} (es)"},
    ]
    return {"extension": [{"url": f"{CORE}translation", "extension": told}]}


def questionnaire(seed: int) -> Json:
    """One of many shapes, always valid, always in two languages."""
    dice = random.Random(seed)
    items: list[Json] = []
    names: list[Json] = []
    for number in range(dice.randint(2, 9)):
        if dice.random() < 0.2:
            inside = [_item(dice, f"g{number}.{n}", names) for n in range(2)]
            group = {"linkId": f"g{number}", "type": "group", "item": inside}
            if dice.random() < 0.7:
                group |= _text(f"About part {number}")
            items.append(group)
        else:
            items.append(_item(dice, f"q{number}", names))
    found: Json = {
        "resourceType": "Questionnaire",
        "status": "draft",
        "language": "en",
        "name": f"invented_{seed}",
        "title": f"Invented {seed}",
        "_title": translated(f"Invented {seed}"),
        "copyright": "Nobody at all",
        "item": items,
    }
    scored = [each["linkId"] for each in names if each["type"] == "integer"]
    if scored:
        items.append(_calculated(scored))
    return found


def _text(text: str) -> Json:
    return {"text": text, "_text": translated(text)}


def _item(dice: random.Random, link_id: str, names: list[Json]) -> Json:
    kind = dice.choice(
        ("boolean", "integer", "decimal", "date", "time", "string", "text", "choice")
        + ("open-choice", "choice", "integer", "display", "quantity")
    )
    item: Json = {"linkId": link_id, "type": kind, **_text(f"How is {link_id}?")}
    if kind != "display":
        item["required"] = dice.random() < 0.5
    if kind in ("choice", "open-choice"):
        item["answerOption"] = _options(dice)
        item["repeats"] = kind == "choice" and dice.random() < 0.4
    if kind in ("integer", "decimal"):
        key = "valueInteger" if kind == "integer" else "valueDecimal"
        top = dice.choice((10, 40))
        ends = (("minValue", 0), ("maxValue", top))
        item["extension"] = [extension(name, **{key: end}) for name, end in ends]
    if names and dice.random() < 0.6:
        wanted = dice.sample(names, k=min(len(names), dice.randint(1, 2)))
        item["enableWhen"] = [_condition(dice, other) for other in wanted]
        if len(wanted) > 1:
            item["enableBehavior"] = dice.choice(("all", "any"))
    if kind != "display":
        names.append(item)
    return item


def _options(dice: random.Random) -> list[Json]:
    count = dice.randint(2, 5)
    kind = dice.choice(("number", "letter", "integer", "string"))
    if kind == "integer":
        return [{"valueInteger": n} for n in range(count)]
    if kind == "string":
        return [
            {"valueString": f"Word {n}", "_valueString": translated(f"Word {n}")}
            for n in range(count)
        ]
    found = []
    for number in range(count):
        label = f"Label {number}"
        code = str(number) if kind == "number" else "abcde"[number]
        coding = {"code": code, "display": label, "_display": translated(label)}
        option: Json = {"valueCoding": coding}
        if kind == "letter":
            option["extension"] = [extension("itemWeight", valueDecimal=number / 2)]
        found.append(option)
    return found


def _condition(dice: random.Random, other: Json) -> Json:
    if dice.random() < 0.2:
        return {
            "question": other["linkId"],
            "operator": "exists",
            "answerBoolean": dice.random() < 0.7,
        }
    kind, options = other["type"], other.get("answerOption")
    answer: Json
    if options:
        told = dice.choice(options)
        key = next(key for key in told if key.startswith("value"))
        value = told[key]
        if key == "valueCoding":
            value = {"code": value["code"]}
        answer = {key.replace("value", "answer"): value}
    else:
        answer = {
            "boolean": {"answerBoolean": True},
            "integer": {"answerInteger": 3},
            "decimal": {"answerDecimal": 2.5},
            "quantity": {"answerQuantity": {"value": 2}},
            "date": {"answerDate": "2024-01-01"},
            "time": {"answerTime": "08:00:00"},
        }.get(kind, {"answerString": "word"})
    is_many = other.get("repeats")
    is_ordered = kind in ("integer", "decimal", "date")
    operators = ("=",) if is_many else ("=", "!=", *((">", "<=") if is_ordered else ()))
    return {"question": other["linkId"], "operator": dice.choice(operators), **answer}


def _calculated(scored: list[str]) -> Json:
    names = " | ".join(f"'{name}'" for name in scored)
    expression = f"%resource.repeat(item).where(linkId in ({names})).answer.value.sum()"
    told = {"language": "text/fhirpath", "expression": expression}
    return {
        "linkId": "total",
        "type": "decimal",
        "readOnly": True,
        **_text("Total"),
        "extension": [extension(f"{SDC}calculatedExpression", valueExpression=told)],
    }


# --- Dictionaries --------------------------------------------------------------------

HEADINGS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
PLACE = {name: place for place, name in enumerate(HEADINGS)}


def row(
    field: str, kind: str, label: str, form: str = "stairs", **more: str
) -> list[str]:
    cells = [""] * len(HEADINGS)
    cells[0], cells[1], cells[3], cells[4] = field, form, kind, label
    names = {
        "section": 2,
        "choices": 5,
        "note": 6,
        "validation": 7,
        "low": 8,
        "high": 9,
        "identifier": 10,
        "branching": 11,
        "required": 12,
        "matrix": 15,
        "ranking": 16,
        "annotation": 17,
    }
    for name, value in more.items():
        cells[names[name]] = value
    return cells


CHOICES = {"choices": "0, Not at all | 1, A bit | 2, Much"}
OF_KIND = {
    "radio": CHOICES,
    "checkbox": CHOICES,
    "text": {"validation": "number", "low": "0", "high": "50"},
    "slider": {"choices": "least | | most", "low": "0", "high": "10"},
}


def dictionary_rows(seed: int) -> list[list[str]]:
    dice = random.Random(seed)
    rows = [row("record_id", "text", "Record")]
    asked: list[str] = []
    for number in range(dice.randint(3, 10)):
        name = f"f{number}"
        kind = dice.choice(("radio", "checkbox", "text", "yesno", "slider", "notes"))
        more = {"required": dice.choice(("y", "")), **OF_KIND.get(kind, {})}
        if asked and dice.random() < 0.5:
            joint = dice.choice((" and ", " or "))
            wanted = dice.sample(asked, k=min(2, len(asked)))
            more["branching"] = joint.join(f"{each}" for each in wanted)
        if dice.random() < 0.2:
            more["section"] = f"Part {number}"
        rows.append(row(name, kind, f"What about {name}?", **more))
        asked.append(f"[{name}(1)] = '1'" if kind == "checkbox" else f"[{name}] <> '0'")
        if kind == "notes":
            asked.pop()
    summed = ", ".join(f"[{r[0]}]" for r in rows if r[3] in ("radio", "slider"))
    if summed:
        rows.append(row("total", "calc", "Total", choices=f"sum({summed})"))
    return rows


def dictionary(rows: list[list[str]], *, separator: str = ",") -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(HEADINGS)
    writer.writerows(rows)
    return file.getvalue().encode()


# --- Breaking them -------------------------------------------------------------------

JUNK: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**40, 1e300, "", " ", "x" * 5000, "\u202e\u200b\U0001f525"),
    *([], {}, [[]], [None], {"": None}, ["a", 1], "\x00", "q0", "é" * 70, 3.5),
    [{"url": "urn:mendline:score", "valueInteger": 3}],
    *({"url": "http://example.org/unknown"}, {"code": 7}, {"extension": "x"}),
)
EXPRESSIONS = (
    *("1 +", "descendants().descendants().count()", "%unknown", "matches('a')"),
    *("(" * 60 + "1" + ")" * 60, "'q0", "item.where(linkId='q0').answer.value.foo()"),
    *("aggregate($total.combine($total), 1)", "1/0", "{}", "now()", "x" * 9000),
)


def mutated(seed: int) -> bytes:
    """A questionnaire with one to four things wrong."""
    dice = random.Random(seed)
    found = copy.deepcopy(questionnaire(seed % 97))
    for _ in range(dice.randint(1, 4)):
        _break(dice, found)
    text = json.dumps(found)
    if dice.random() < 0.1:
        place = dice.randrange(len(text))
        text = text[:place] + dice.choice('{}[]",:x') + text[place + 1 :]
    content = text.encode()
    return content[: dice.randrange(len(content))] if dice.random() < 0.05 else content


def _break(dice: random.Random, found: Json) -> None:
    places = list(_places(found))
    holder, key = dice.choice(places)
    kind = dice.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        other, other_key = dice.choice(places)
        holder[key] = copy.deepcopy(other[other_key])
    elif kind == 2 and isinstance(holder, dict):
        name = dice.choice(
            ("option", "answerConstraint", "modifierExtension", "prefix", "repeats")
            + ("answerValueSet", "initial", "maxLength", "item", "linkId", "type")
            + ("enableWhen", "extension", "hasAnswer", "readOnly", "code")
            + ("initialSelected", "enableBehavior", "required")
        )
        holder[name] = copy.deepcopy(dice.choice(JUNK))
    elif kind == 3:
        told = {"language": "text/fhirpath", "expression": dice.choice(EXPRESSIONS)}
        address = (
            f"{SDC}{dice.choice(('calculatedExpression', 'enableWhenExpression'))}"
        )
        items = found.get("item")
        if isinstance(items, list) and items and isinstance(items[0], dict):
            items[0]["extension"] = [extension(address, valueExpression=told)]
    else:
        holder[key] = copy.deepcopy(dice.choice(JUNK))


def _places(found: Any) -> Any:
    """Everything that can be replaced, as (what holds it, its key or place)."""
    held = found.items() if isinstance(found, dict) else enumerate(found)
    for key, value in list(held):
        yield found, key
        if isinstance(value, dict | list):
            yield from _places(value)


LOGIC = (
    *("[f0]", "[f0] = ", "[nobody] = '1'", "[f1(9)] = '1'", "[f0] = '1' and ("),
    *("datediff([f0],[f1],'d') > 3", "[f0] = '1' or [f0] = '2' and [f2] <> ''"),
    *("(" * 60 + "[f0]='1'" + ")" * 60, "[f0][f1] = 2", "'", "[total] > 3", "^"),
    *("sum([f0],[f1]", "[f0]+[f9]*2", "if([f0]=1,2,3)", "round([f0]/0,2)", "\x00"),
    *("mean([f1])", "-[f0] - -3", "[f0] = [f1]", "[other_form_field] = '1'"),
)


def mutated_dictionary(seed: int) -> bytes:
    dice = random.Random(seed)
    rows = dictionary_rows(seed % 89)
    for _ in range(dice.randint(1, 4)):
        cells = dice.choice(rows)
        place = dice.randrange(len(cells)) if cells else 0
        if cells:
            cells[place] = dice.choice(
                (
                    *LOGIC,
                    "",
                    "sql",
                    "file",
                    "radio",
                    "checkbox",
                    "a" * 300,
                    "1, x | 1, y",
                )
                + ("<b>x</b>", "[f0] piped", "@CALCTEXT(1)", "@HIDDEN @DEFAULT='1'")
                + ("number", "date_mdy", "datetime_ymd", "calc", "y", "été", "\u202e")
            )
        if dice.random() < 0.1:
            cells.append("one too many")
        if dice.random() < 0.1:
            rows.append(list(cells))
    content = dictionary(rows, separator=dice.choice((",", ";", "\t")))
    if dice.random() < 0.2:
        content = content.decode().encode("latin-1", "replace")
    if dice.random() < 0.1:
        content = content.replace(b"Field Type", b"Kind", 1)
    if dice.random() < 0.1:
        place = dice.randrange(len(content))
        content = content[:place] + bytes([dice.randrange(256)]) + content[place:]
    return content
