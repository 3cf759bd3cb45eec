"""The drawings of the pages, as a PDF takes them. Pure."""

import re

OF_A_VARIANT = re.compile(r'<svg class="chart-(?P<variant>[a-z]+)".*?</svg>', re.DOTALL)
# A page shows what no XML may hold; a drawing of its own would be none.
NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'


def of_course(markup: str, words: str) -> dict[str, str]:
    """Both drawings of a patient's course, and what a screen reader says of them."""
    return {
        "narrow": of_variant(markup, "compact"),
        "wide": of_variant(markup, "wide"),
        "words": words,
    }


def of_variant(markup: str, variant: str) -> str:
    """One drawing of a chart's markup; ValueError where it has none of that kind."""
    for found in OF_A_VARIANT.finditer(markup):
        if found["variant"] == variant:
            return standing_alone(found[0])
    raise ValueError(f"There is no {variant} drawing.")


def standing_alone(svg: str) -> str:
    """As a file of its own, in the letters of the sheet."""
    in_letters = re.sub(r'font-family="[^"]*"', 'font-family="FiraGO"', svg)
    in_letters = NO_XML.sub("", in_letters)
    # The drawings' half-bold is a weight that only letters with an axis have.
    in_letters = in_letters.replace('font-weight="650"', 'font-weight="700"')
    if NAMESPACE in in_letters:
        return in_letters
    return in_letters.replace("<svg ", f"<svg {NAMESPACE} ", 1)
