"""The kinds of games that the sample catalogue has, and the words for their titles and texts."""

from dataclasses import dataclass

from etl.sample.words import words


@dataclass(frozen=True)
class Kind:
    """Games that play alike. `{place}` in an opening is one of PLACES."""

    genres: tuple[str, ...]
    tags: tuple[str, ...]
    nouns: tuple[str, ...]
    openings: tuple[str, ...]


KINDS = (
    Kind(
        ("Adventure", "Indie"),
        ("Exploration", "Story Rich", "Atmospheric"),
        ("Lighthouse", "Island", "Voyage", "Harbor", "Letters", "Lantern", "Expedition", "Observatory"),
        (
            "You return to {place} after twenty years, and nobody remembers you.",
            "A letter without a sender leads you to {place}.",
            "Somebody has switched off the light in {place}. Find out who, and why.",
        ),
    ),
    Kind(
        ("RPG", "Adventure"),
        ("Fantasy", "Story Rich", "Open World"),
        ("Dragon", "Kingdom", "Knight", "Crown", "Oath", "Citadel", "Chronicle", "Griffin"),
        (
            "An old oath calls four strangers to {place}.",
            "The last dragon has settled in {place}, and it would like to talk.",
            "The king is missing, and all traces lead to {place}.",
        ),
    ),
    Kind(
        ("Strategy", "Simulation"),
        ("Strategy", "Singleplayer", "Top-Down"),
        ("Empire", "Colony", "Frontier", "Outpost", "Bastion", "Harvest", "Republic", "Council"),
        (
            "Found a town in {place} and bring it through its first winter.",
            "Seven factions want {place}. You have a map, a treasury and a bad reputation.",
            "Rule {place} for a hundred years, one season at a time.",
        ),
    ),
    Kind(
        ("Simulation", "Casual"),
        ("Relaxing", "Cute", "Family Friendly"),
        ("Bakery", "Garden", "Railway", "Orchard", "Workshop", "Tea House", "Post Office", "Bookshop"),
        (
            "You inherit a small business in {place}, and its debts.",
            "Repair old machines for the people of {place} and hear their stories.",
            "Grow, bake, sell and rest: a year in {place}, at your own pace.",
        ),
    ),
    Kind(
        ("Action", "Indie"),
        ("Action", "Difficult", "2D"),
        ("Blade", "Storm", "Descent", "Phoenix", "Gauntlet", "Hunter", "Uprising", "Ember"),
        (
            "Fight your way out of {place} before the tide comes in.",
            "Everything in {place} wants you gone. Run, jump and strike back.",
            "One sword, one life and forty floors below {place}.",
        ),
    ),
    Kind(
        ("Casual", "Indie"),
        ("Puzzle", "Relaxing", "Colorful"),
        ("Puzzle", "Labyrinth", "Mosaic", "Cipher", "Mirrors", "Clockwork", "Gears", "Riddle"),
        (
            "A hundred puzzles about light and mirrors, set in {place}.",
            "Turn the rooms of {place} until there is a way through.",
            "Every machine in {place} lacks one part. You have a drawer full of them.",
        ),
    ),
    Kind(
        ("Racing", "Sports"),
        ("Arcade", "Controller", "Multiplayer"),
        ("Circuit", "Rally", "Regatta", "Grand Prix", "Sprint", "Derby", "Airship Race", "Slipstream"),
        (
            "Twelve tracks across {place}, and no brakes worth the name.",
            "Race steam engines through {place}, alone or on one sofa.",
            "Build your own racer from scrap and take it around {place}.",
        ),
    ),
    Kind(
        ("Action", "Adventure"),
        ("Sci-fi", "Shooter", "Third Person"),
        ("Orbit", "Nebula", "Satellite", "Android", "Signal", "Drifter", "Starship", "Horizon"),
        (
            "The colony ship wakes you two hundred years early, above {place}.",
            "A signal from {place} repeats your own name.",
            "Salvage wrecks around {place} and try to stay out of debt.",
        ),
    ),
    Kind(
        ("Adventure", "Indie"),
        ("Horror", "Mystery", "First-Person"),
        ("Mansion", "Echo", "Séance", "Cellar", "Whisper", "Asylum", "Fog", "Portrait"),
        (
            "You have one night and one box of matches in {place}.",
            "The phone in {place} rings every night at three. Tonight you answer.",
            "Nothing in {place} moves while you look at it.",
        ),
    ),
)

ADJECTIVES = words(
    """
    Amber Ashen Azure Brass Broken Clockwork Copper Cosmic Crimson Crystal Distant Drifting Electric Emerald
    Endless Fading Forgotten Frozen Gilded Golden Hidden Hollow Iron Ivory Last Little Lonely Lost Lunar
    Midnight Misty Neon Obsidian Pale Paper Quiet Radiant Rusty Sacred Scarlet Secret Silent Silver Sleeping
    Stellar Stormy Tiny Twilight Velvet Wandering Wild Winter Wooden
    """
)
PLACES = (
    "a drowned city",
    "an abandoned observatory",
    "a floating archipelago",
    "a town behind the last railway station",
    "a valley of glass",
    "a forest of brass trees",
    "a desert that was once a sea",
    "the outer colonies",
    "a harbor that is not on any map",
    "a city on the back of a giant",
)
MIDDLES = (
    "Your choices are remembered, even the small ones.",
    "The hand-painted world changes with the seasons.",
    "Every character has a day of their own, whether you are there or not.",
    "Its soundtrack was recorded with a brass band.",
    "There is no right way through, but there are several wrong ones.",
    "You can pause at any time, and nothing is ever lost for good.",
    "New rooms open when you least expect it.",
    "Its systems are simple, and they meet in surprising ways.",
)
CLOSINGS = (
    "About eight hours for the story, forty for everything.",
    "For one player.",
    "For one to four players, at one screen or online.",
    "With full controller support and captions.",
    "Includes an editor for levels of your own.",
    "A short game for a long evening.",
    "With a free demo of the first chapter.",
    "Made by a team of three.",
)
COMPANIES = tuple(
    f"{first} {second}"
    for first in ("Copper Kettle", "Night Train", "Paper Moon", "Third Gear", "Old Harbor", "Blue Boiler", "Tall Tale")
    for second in ("Games", "Studio", "Interactive", "Works")
)
PRICES = (0.99, 1.99, 2.99, 4.99, 4.99, 6.99, 7.99, 9.99, 9.99, 12.99, 14.99, 14.99, 19.99, 19.99, 24.99, 29.99, 39.99)
LANGUAGES = ("German", "French", "Spanish - Spain", "Italian", "Japanese", "Korean", "Simplified Chinese", "Polish")
CATEGORIES = (
    ("Single-player",),
    ("Single-player", "Steam Achievements", "Full controller support"),
    ("Single-player", "Multi-player", "Co-op", "Shared/Split Screen"),
)
