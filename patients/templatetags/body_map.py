from collections.abc import Collection, Sequence

from django import template

from patients.triage import body_map

register = template.Library()


@register.simple_tag(name="body_map")
def drawn(chosen: Collection[str], worst: str, language: str) -> body_map.BodyMap:
    return body_map.draw(chosen or (), worst or "", language)


@register.inclusion_tag("patients/_body_map_thumbnail.html")
def body_map_thumbnail(
    regions: Sequence[str], worst: str, language: str = "en"
) -> dict[str, body_map.Thumbnail]:
    return {"thumbnail": body_map.thumbnail(regions or (), worst or "", language)}
