"""The picture of the simulated day shows everybody once."""

from xml.etree import ElementTree

from tests.market.plot_day import KINDS, PICTURE, draw, held

SVG = "{http://www.w3.org/2000/svg}"


def test_everybody_is_in_the_picture() -> None:
    day = held()
    drawn = ElementTree.fromstring(draw(day))
    dots = [one.get("fill") for one in drawn.iter(f"{SVG}circle")]
    for kind, colour in KINDS.items():
        assert dots.count(colour) == sum(len(one.waits[kind]) for one in day) > 0
    assert ElementTree.parse(PICTURE).getroot().tag == f"{SVG}svg"
