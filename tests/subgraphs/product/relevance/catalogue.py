"""A made-up catalogue to search in: names and popularity are like those of a real store.

Famous series stand among unknown games with the same words, and hundreds of descriptions use these words too.
"""

import random
from typing import Any

from etl.sample import words
from tests.etl.files import game

SEED = 4
FILLERS = 700

FAMOUS = {
    # Sequels, with Roman and Arabic numerals.
    "Neonpunk 2088": 640_000,
    "The Warlock® 3: Wild Chase": 690_000,
    "The Warlock 2: Assassins of Crowns": 120_000,
    "The Warlock: Enhanced Edition": 90_000,
    "The Warlock Adventure Game": 1_900,
    "The Older Scrolls V: Skyhold": 340_000,
    "The Older Scrolls V: Skyhold Special Edition": 170_000,
    "The Older Scrolls IV: Oblivious": 36_000,
    "The Older Scrolls III: Morrowmist": 24_000,
    "DIM SOULS™ III": 260_000,
    "DIM SOULS™ II": 51_000,
    "DIM SOULS™: REMASTERED": 58_000,
    "Sam Mayer's Culture® VI": 230_000,
    "Sam Mayer's Culture® V": 140_000,
    "Age of Emperors II: Definitive Edition": 130_000,
    "Age of Emperors II (2013)": 90_000,
    "Age of Emperors IV": 41_000,
    "Gateway": 140_000,
    "Gateway 2": 330_000,
    "Gateway Stories: Mel": 5_600,
    "Whole-Life": 85_000,
    "Whole-Life 2": 150_000,
    "Whole-Life: Alyssa": 70_000,
    "Grand Theft Tram V": 1_350_000,
    "Grand Theft Tram IV: The Complete Edition": 110_000,
    # Punctuation and marks.
    "Don't Hunger": 110_000,
    "Don't Hunger Together": 330_000,
    "Garret's Mod": 840_000,
    "Tom Clarkson's Rainbow Seven® Siege": 1_060_000,
    "Comet League®": 560_000,
    "Spider-Guy: Miles Away": 70_000,
    "S.C.A.R.E.": 12_000,
    "S.T.R.O.L.L.E.R.: Shadow of Pripet": 60_000,
    "Mount & Sword II: Bannerman": 220_000,
    "Mount & Sword: Warhost": 130_000,
    "NeuR:Automaton™": 95_000,
    "Counter-Stroke: Local Defensive": 6_000_000,
    "Counter-Stroke": 140_000,
    "Counter-Stroke: Source": 110_000,
    "HELLJUMPERS™ 2": 700_000,
    "Trine & Error": 900,
    "Baba Was You": 21_000,
    # One common word, or two.
    "Rust Belt": 1_100_000,
    "Raft": 8_000,
    "Rafting": 260_000,
    "Dead by Dawnlight": 600_000,
    "Dead Cellars": 130_000,
    "Dead Island Party": 47_000,
    "The Woods": 480_000,
    "Sons of the Woods": 170_000,
    "Stardust Valley": 700_000,
    "Hollow Squire": 330_000,
    "Hollow Squire: Silksong": 9_000,
    "Subnautics": 260_000,
    "Subnautics: Below Zero": 80_000,
    "Terrarium": 1_070_000,
    "Factory Rio": 180_000,
    "Slay the Tower": 150_000,
    "Darkest Cellar®": 140_000,
    "Darkest Cellar® II": 30_000,
    "No Person's Sky": 220_000,
    "Red Dread Redemption 2": 450_000,
    "Monster Harvester: World": 290_000,
    "Phasmaphobia": 550_000,
    "Bioshack Infinite": 120_000,
    "Cuphandle": 130_000,
    "It Takes Three": 160_000,
    "Euro Lorry Simulator 2": 660_000,
    "American Lorry Simulator": 120_000,
    "Cities: Skylights": 230_000,
    "Cities: Skylights II": 50_000,
    "Civil Ruins": 700,
    "Kingdom Comes: Deliverance": 100_000,
    "Microsafe Flight Simulator": 60_000,
    "Sea of Robbers": 270_000,
    "XCAM: Enemy Unknown": 40_000,
    "XCAM® 2": 62_000,
    # Accents and other scripts.
    "Pokédeck Légende": 15_000,
    "Ragnarök Online": 20_000,
    "Señor Übermensch": 2_500,
    "Größenwahn": 4_000,
    "鬼谷七荒 Tale of Mortals": 130_000,
    "三国志物語 XIV": 11_000,
    "ゼルナの伝説": 30_000,
    "ファイナルファンシー VII": 45_000,
    "왕국의 전설": 12_000,
    "던전 앤 파이터스": 24_000,
    "Паровой Город": 7_000,
    "Последний Рубеж": 9_000,
    "Ο Θρύλος της Πόλης": 1_000,
    "أسطورة المدينة": 800,
    "ตำนานเมืองไอน้ำ": 600,
}
"""Games that people look for, with the number of their positive reviews."""

UNKNOWN = (
    "Jump Jump Neonpunk", "Neonpunk Girls", "Neonpunk SFX", "Neonpunk 3776", "Neonpunk Bar Sim", "Neonpunk Chess",
    "Warlock", "Warlock Simulator", "Warlock 3D", "Warlocks vs Wizards", "A Warlock Tale", "Wild Chase 3",
    "Gateway to Nowhere", "Gateways", "Gateway 3D", "The Gateway Experiment", "Broken Gateway", "Gateway VR",
    "Rust", "Rusty Rust", "Trust", "Rust Racers", "Belt of Rust", "Crafty", "Draft Day", "Raft Wars", "Wooden Raft",
    "Woods of Terror", "The Woods Are Dark", "Into the Woods", "Woods", "Dead", "Dead Dead", "The Dead Cellar",
    "Deadly Dawn", "Dead Dawn", "Dawnlight", "Valley", "Star Valley", "Stardust", "Valley of Stardust", "Dust Valley",
    "Hollow", "Squire", "Hollow Hollow", "Squire of the Hollow", "Sky", "Sky Sky", "Person", "No Sky", "Comet", "Comets",
    "League of Comets", "Comet Crash", "Little League", "Siege", "Rainbow", "Rainbow Siege VR", "Under Siege", "Sieges",
    "Lorry", "Lorry Driver", "Euro Lorry", "Lorry Simulator", "Simulator", "Flight", "Flight Simulator 2D", "Safe Flight",
    "Emperor", "Age of Rulers", "Age", "Ages of Mages", "Emperors and Ages", "Empire of Age", "Culture", "Cultures 2",
    "Culture Clash", "Culture Vultures", "Souls", "Dim", "Soul Dim Sum", "Souls of Dim Light", "Dim Soul Playtest",
    "Tower", "Slay", "Slay Them All", "The Tower Slayer", "Terra", "Terrarium Builder", "Terrarium Idle", "My Terrarium",
    "Harvester", "Monster", "Monster World", "World Harvester", "Monsters and Harvesters", "Counter", "Stroke",
    "Counter Stroke Simulator", "Local Defense", "Butterfly Stroke", "Half Life of a Book", "Whole", "Whole Life Loss",
    "Life", "The Whole Life", "Automaton", "Automaton Lung", "Sub", "Subnautical", "Nautics", "Below", "Zero Below",
    "Factory", "Rio", "Factory Factory", "Cities", "Skylights", "City of Skylights", "Three", "It Takes Time", "It",
    "Sea", "Robbers", "Robbers of the Sea", "Deliverance", "Kingdom", "Kingdom Came", "Enemy", "Unknown", "The Enemy",
    "Hunger", "Hunger Gamers", "Together", "Don't", "Don't Look", "Mod", "Mod Maker", "Garret", "Tram", "Grand Tram",
    "Tram Theft", "Grand Theft", "Theft Simulator", "Scrolls", "Scrolls of Sky", "Skyhold Defense", "The Older", "Sword",
    "Mount Sword", "Swords & Mounts", "Bannerman", "Scare", "Scare Tactics", "Stroller", "Baby Stroller", "Spider",
    "Spider Guys", "Guy", "Legend", "Ragnarok", "Online", "Legende", "Ubermensch Chess", "伝説", "物語", "三国", "전설", "던전",
    "Город", "Рубеж", "Город Легенд", "Παιχνίδι", "المدينة",
)  # fmt: skip
"""Games that share words with them, of few reviews."""


def games() -> dict[str, dict[str, Any]]:
    """The entries of a games file, by id."""
    rng = random.Random(SEED)
    titles = list(FAMOUS.items())
    titles += [(title, rng.randint(0, 60)) for title in UNKNOWN]
    titles += [(words.title(rng), int(rng.paretovariate(0.6) * 5) % 50_000) for _ in range(FILLERS)]
    rng.shuffle(titles)
    return {str(10 * number): _game(rng, *title) for number, title in enumerate(titles, 1)}


def _game(rng: random.Random, title: str, reviews: int) -> dict[str, Any]:
    # Many a description praises a famous game.
    like = f" For those who love {rng.choice(list(FAMOUS))}." if rng.random() < 0.4 else ""
    return game(
        name=title,
        short_description=words.prose(rng, 120, ()) + like,
        positive=reviews,
        negative=reviews // 8,
    )
