"""The tree of places, and the houses of the communities: rooms with the atoms they are made of."""

from dataclasses import dataclass, field

from backend.demo import names
from backend.demo.rows import Rows, dice
from backend.places.models import Atom, Place, PlaceKind, Room, RoomAtom, Venue

STREETS, COMMUNITIES, ESTATES = 12, 156, 371
MOST_ESTATES = 4  # of one community
CENTRES = 12
"""Communities with a full centre, in which the night school is at home: one in each street."""

DISTRICT_CODE = "demo"
"""Tells the demo district from a real one: nothing else has this code."""

# room kind: name, capacity, the atoms it is made of, how to find it, what for, what is in it
_ROOMS = {
    "hall": ("多功能厅", 80, ("多功能厅左半厅", "多功能厅右半厅", "投影仪"), "一楼大门进来直走",
             "lecture music", "projector screen sound microphone"),
    "left": ("多功能厅左厅", 36, ("多功能厅左半厅",), "一楼大门进来直走，左手边", "meeting music",
             "sound"),
    "right": ("多功能厅右厅", 36, ("多功能厅右半厅",), "一楼大门进来直走，右手边", "meeting chess",
              "whiteboard"),
    "class": ("201教室", 36, ("201教室",), "二楼楼梯口左转第一间", "meeting reading",
              "projector whiteboard"),
    "dance": ("舞蹈排练厅", 30, ("舞蹈排练厅",), "二楼走廊尽头，请换软底鞋", "dance",
              "mirrors sound"),
    "art": ("书画室", 24, ("书画室",), "二楼楼梯口右转第二间", "calligraphy", ""),
    "craft": ("手工坊", 20, ("手工坊",), "三楼，可乘电梯", "craft", ""),
    "kitchen": ("共享厨房", 16, ("共享厨房",), "一楼老年食堂旁边", "kitchen", "stove"),
    "digital": ("数字驿站", 24, ("数字驿站",), "一楼服务大厅东侧", "meeting reading",
                "computers screen"),
    "family": ("亲子活动室", 24, ("亲子活动室",), "一楼，进门左转，有婴儿车停放处", "family",
               "mats"),
    "studio": ("录音与直播间", 20, ("录音与直播间",), "三楼电梯出来右转", "studio music",
               "camera microphone sound"),
}  # fmt: skip
_ON_THE_GROUND = "一楼"
_SMALL_CENTRE = ("hall", "left", "right", "class", "family")


@dataclass(frozen=True, slots=True)
class Centre:
    """A community with rooms: room ids by kind, atoms by room id."""

    rooms: dict[str, int]
    atoms: dict[int, tuple[int, ...]]


@dataclass(slots=True)
class Community:
    """A community with what stands in it."""

    id: int
    path: str
    name: str
    street_id: int
    estates: list[int] = field(default_factory=list)
    centre: Centre | None = None


@dataclass(slots=True)
class District:
    """The district; the communities with a full centre come first."""

    id: int
    communities: list[Community]
    buildings: dict[int, int]  # of each estate

    @property
    def centres(self) -> list[Community]:
        """The communities the night school takes place in; the first is the demo worker's own."""
        return self.communities[:CENTRES]


def build(rows: Rows) -> District:
    """1 district, 12 streets, 156 communities, 371 estates and their buildings."""
    rng = dice("places")
    top = _place(rows, PlaceKind.DISTRICT, None, DISTRICT_CODE, names.DISTRICT)
    streets = [
        _place(rows, PlaceKind.STREET, top, f"{DISTRICT_CODE}-{number:02}", f"{name}街道")
        for number, name in enumerate(names.STREETS, 1)
    ]
    communities = []
    for number, name in enumerate(names.communities(rng, COMMUNITIES)):
        street_id = streets[number % STREETS]
        above = rows.get(Place, street_id)
        community_id = _place(
            rows, PlaceKind.COMMUNITY, street_id, f"{above['code']}-{number // STREETS + 1:02}",
            name, address=f"{above['name']}{names.road(rng)}",
            phone=f"0000-8{rng.randint(0, 999999):06}", duty_phone=f"15499{number:06}",
        )  # fmt: skip
        path = rows.get(Place, community_id)["path"]
        communities.append(Community(community_id, path, name, street_id))
        communities[-1].centre = _centre(rows, community_id, full=number < CENTRES)
    district = District(top, communities, {})
    _build_estates(rows, district)
    return district


def _place(
    rows: Rows, kind: PlaceKind, parent_id: int | None, code: str, name: str, **more: str
) -> int:
    above = rows.get(Place, parent_id)["path"] if parent_id else "/"
    row_id = rows.add(Place, kind=kind, parent_id=parent_id, path="", code=code, name=name, **more)
    rows.get(Place, row_id)["path"] = f"{above}{row_id}/"
    return row_id


def _centre(rows: Rows, community_id: int, *, full: bool) -> Centre:
    atoms: dict[str, int] = {}
    centre = Centre({}, {})
    above = rows.get(Place, community_id)
    venue_id = rows.add(
        Venue, place_id=community_id, code=above["code"], name=f"{above['name']}党群服务中心",
        address=above["address"], phone=above["phone"], step_free=full,
        access="大门有坡道，卫生间有扶手" if full else None,
    )  # fmt: skip
    for kind in _ROOMS if full else _SMALL_CENTRE:
        name, capacity, made_of, directions, functions, equipment = _ROOMS[kind]
        room_id = rows.add(
            Room, place_id=community_id, venue_id=venue_id, name=name, capacity=capacity,
            directions=directions, functions=functions.split(), equipment=equipment.split(),
            step_free=directions.startswith(_ON_THE_GROUND) or "电梯" in directions,
        )  # fmt: skip
        for atom in made_of:
            if atom not in atoms:
                atoms[atom] = rows.add(Atom, place_id=community_id, name=atom)
            rows.put(RoomAtom, room_id=room_id, atom_id=atoms[atom])
        centre.rooms[kind] = room_id
        centre.atoms[room_id] = tuple(atoms[atom] for atom in made_of)
    return centre


def _build_estates(rows: Rows, district: District) -> None:
    rng = dice("estates")
    # Every community has one estate at least; the rest fall where they fall.
    homes = list(district.communities)
    room = [community for community in homes for _ in range(MOST_ESTATES - 1)]
    homes += rng.sample(room, ESTATES - len(homes))
    homes.sort(key=lambda community: community.id)
    for community, name in zip(homes, names.estates(rng, ESTATES), strict=True):
        above = rows.get(Place, community.id)
        estate_id = _place(
            rows, PlaceKind.ESTATE, community.id,
            f"{above['code']}-{len(community.estates) + 1}", name,
            address=names.road(rng),
        )  # fmt: skip
        community.estates.append(estate_id)
        district.buildings[estate_id] = rng.randint(4, 18)
        for number in range(1, district.buildings[estate_id] + 1):
            code = f"{rows.get(Place, estate_id)['code']}-{number:02}"
            _place(rows, PlaceKind.BUILDING, estate_id, code, f"{number}号楼")
