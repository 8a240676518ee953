"""Made-up titles, names and prose."""

import random


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


FIRST = words(
    """
    Amber Ashen Azure Brass Broken Burning Clockwork Copper Cosmic Crimson Crystal Distant Drifting Echoing
    Electric Emerald Endless Eternal Fading Forgotten Frozen Gilded Golden Hidden Hollow Iron Ivory Last
    Little Lonely Lost Lunar Midnight Misty Neon Obsidian Pale Paper Phantom Quiet Radiant Rusty Sacred
    Scarlet Secret Shattered Silent Silver Sleeping Stellar Stormy Super Tiny Twilight Velvet Wandering Wild
    Winter Wooden
    """
)
SECOND = words(
    """
    Abyss Academy Airship Arena Atlas Bakery Bastion Beacon Canyon Caravan Castle Chronicle Circuit Citadel
    Colony Compass Corridor Courier Crown Descent Dragon Dungeon Echo Empire Engine Expedition Factory Farm
    Forest Frontier Garden Garrison Ghost Harbor Harvest Horizon Island Isle Journey Keeper Kingdom Knight
    Labyrinth Lantern Legacy Lighthouse Machine Mansion Meadow Mine Moon Mountain Museum Observatory Odyssey
    Orchard Outpost Palace Pilot Planet Puzzle Quarry Quest Railway Realm Reef Relic River Sanctuary Signal
    Sky Star Station Steam Storm Summit Temple Throne Tide Tower Trail Valley Vault Village Voyage Watch
    Workshop
    """
)
SUBTITLES = words(
    """
    Origins Reborn Revolution Awakening Remastered Tactics Chronicles Unbound Legends Prologue Rising
    Reloaded Online Simulator Deluxe Infinity Survival Tycoon Idle VR
    """
)
COMPANY_ENDS = words("Games Studio Studios Interactive Entertainment Software Works Labs GmbH")
FOREIGN = (
    words("钢铁 蒸汽 幻想 物语 传说 迷宫 星空 少女"),
    words("蒸気 の 物語 迷宮 カタリスト ファンタジー ぼくの 夏休み"),
    words("증기 왕국 이야기 전설 미궁 별빛"),
    words("Паровой Город Легенда Последний Рубеж Тайна Звезда"),
    words("أسطورة المدينة البخار النجوم"),
    words("ตำนาน เมือง ไอน้ำ ดวงดาว"),
    words("Ο Θρύλος Πόλη Ατμός"),
    words("עיר הקיטור אגדה כוכבים"),
    words("भाप नगर कथा तारा"),
)
ASTRAL = ("🎮", "🚂", "🧟‍♀️", "🏴‍☠️", "❤️‍🔥", "𝕾𝖙𝖊𝖆𝖒", "𠮷野", "🐉🔥")
SYMBOLS = ("™", "®", " – Édition", " ★", ": Réveil", " Ω", "’s Tale", " Ⅱ")
INVISIBLE = ("\u200b", "\u202a", "\u00ad", "\u2060")

PLACES = _phrases(
    """
    a drowned city, the last railway, an abandoned observatory, a floating archipelago, the old mine, a
    kingdom of glass, the clockwork forest, an endless desert, a haunted bakery, the outer colonies
    """
)
THINGS = _phrases(
    """
    brass automatons, forgotten recipes, rival airships, lost letters, strange machines, loyal companions,
    hidden levers, ancient maps, sleeping giants, stolen blueprints, wild gardens, weathered statues
    """
)
DEEDS = _phrases(
    """
    explore, repair, collect, outwit, protect, rebuild, trade, decipher, race past, befriend
    """
)
SENTENCES = (
    "In {place} you {deed} {things} before the boiler goes cold.",
    "Build your workshop, {deed} {things} and find a way through {place}.",
    "Every choice counts: {deed} {things}, or leave them to {place}.",
    "More than {number} hand-made levels lead you from home to {place}.",
    "Play alone or with up to {number} friends and {deed} {things} together.",
    "FEATURES: {number} endings, a full soundtrack, and {things} that remember what you did.",
    "A quiet story about {things} and those who {deed} them in {place}.",
    "Press any key {{or none}} and \"{deed}\" {things} at your own pace.",
    "The path C:\\games\\{number} is not where {place} begins.",
    "Use the {{engine}} to {deed} {things}; [b]steam[/b] does the rest.",
)  # fmt: skip
TYPOGRAPHIC = (
    "It’s your turn – {deed} {things}…",
    "• {number} maps • {things} • one way out of {place}",
    "“Nobody can {deed} {things}™,” they said.",
    "Café, naïveté und Größe: {deed} {things} für immer.",
)
ENTITIES = (
    "&quot;{deed}&quot; {things} &amp; leave {place}.",
    "Tom &amp; Ada {deed} {things} &lt;again&gt;.",
    "They don&#39;t {deed} {things} in {place}&hellip;",
)


def title(rng: random.Random) -> str:
    """A title in English: two to four words."""
    name = f"{rng.choice(FIRST)} {rng.choice(SECOND)}"
    shape = rng.random()
    if shape < 0.25:
        return f"{name} {rng.randint(2, 4)}" if shape < 0.05 else f"{name}: {rng.choice(SUBTITLES)}"
    if shape < 0.4:
        return f"{name} of the {rng.choice(SECOND)}"
    return rng.choice(SECOND) if shape < 0.5 else name


def foreign(rng: random.Random, count: int) -> str:
    """Words of one script other than Latin."""
    script = rng.choice(FOREIGN)
    return " ".join(rng.choices(script, k=count))


def company(number: int) -> str:
    """The name of the company with this number. Names of numbers below about 150,000 differ."""
    rng = random.Random(number)
    name = f"{rng.choice(FIRST)} {rng.choice(SECOND)}"
    shape = rng.random()
    if shape < 0.05:
        return foreign(rng, 2)
    if shape < 0.15:
        return f"{name} {rng.choice(COMPANY_ENDS)}, Ltd."
    return f"{name} {rng.choice(COMPANY_ENDS)}" if shape < 0.7 else f"{name} {number % 1000}"


def prose(rng: random.Random, length: int, extra: tuple[str, ...]) -> str:
    """Sentences of about `length` characters; one in four is made from `extra`, if given."""
    parts: list[str] = []
    size = 0
    while size < length:
        shapes = extra if (extra and rng.random() < 0.25) or (extra and not parts) else SENTENCES
        sentence = rng.choice(shapes).format(
            place=rng.choice(PLACES),
            things=rng.choice(THINGS),
            deed=rng.choice(DEEDS),
            number=rng.randint(2, 99),
        )
        parts.append(sentence)
        size += len(sentence) + 1
    return " ".join(parts)
