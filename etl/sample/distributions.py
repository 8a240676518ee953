"""The distributions of the real data set, measured over 91,103 games (long texts and media: 505 games)."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")

Quantiles = tuple[tuple[float, float], ...]
"""Points (share, value) of a distribution, from share 0 to share 1."""


class Weights(Generic[T]):
    """Values, and how often each occurs.

    A game may have several values, but none twice. For such values `among` is the number of games measured, and
    the weights are odds: drawing by the odds gives each value its share, drawing by the share would not.
    """

    def __init__(self, weights: Mapping[T, float], among: int = 0) -> None:
        self.values = list(weights)
        self.sums = list(accumulate(n / (among - n) if among else n for n in weights.values()))


LONG_TEXT: Quantiles = ((0, 40), (0.1, 471), (0.5, 1029), (0.9, 2427), (0.99, 4905), (1, 16844))
SHORT_TEXT: Quantiles = ((0, 20), (0.1, 88), (0.5, 214), (0.9, 300), (0.99, 340), (1, 963))
SCREENSHOTS: Quantiles = ((0, 0), (0.1, 5), (0.5, 8), (0.9, 16), (0.99, 26), (1, 68))
MOVIES: Quantiles = ((0, 0), (0.04, 1), (0.5, 1), (0.9, 2), (0.99, 6), (1, 29))
TAGS: Quantiles = ((0, 3), (0.1, 6), (0.5, 15), (0.85, 20), (1, 20))
CATEGORIES: Quantiles = ((0, 0), (0.05, 1), (0.5, 2), (0.75, 4), (0.9, 7), (0.99, 12), (1, 22))
LANGUAGES: Quantiles = ((0, 0), (0.04, 1), (0.5, 1), (0.75, 3), (0.9, 9), (0.985, 28), (0.994, 103), (1, 103))
POSITIVE: Quantiles = ((0, 0), (0.28, 0), (0.5, 6), (0.75, 42), (0.9, 312), (0.99, 12358), (0.9999, 400_000))
NEGATIVE_SHARE: Quantiles = ((0, 0), (0.2, 0.03), (0.5, 0.18), (0.8, 0.4), (1, 0.9))
ACHIEVEMENTS: Quantiles = ((0, 0), (0.5, 0), (0.75, 18), (0.9, 37), (0.99, 100), (1, 5000))
PLAYTIME: Quantiles = ((0, 0), (0.83, 0), (0.9, 155), (0.99, 1736), (1, 145_000))

PRICES = Weights[float]({
    0.0: 17555, 4.99: 8391, 9.99: 7622, 0.99: 6897, 1.99: 5558, 2.99: 5280, 3.99: 3911, 14.99: 3714,
    19.99: 3533, 5.99: 2793, 6.99: 2578, 7.99: 2338, 8.99: 1436, 11.99: 1292, 29.99: 1170, 12.99: 1100,
    24.99: 1000, 0.49: 900, 0.55: 700, 10.99: 500, 39.99: 700, 49.99: 500, 59.99: 450, 69.99: 200,
    99.99: 60, 199.99: 50, 999.98: 1,
})  # fmt: skip
GENRES = Weights[str]({
    "Indie": 61023, "Casual": 36944, "Action": 36064, "Adventure": 33779, "Simulation": 17485,
    "Strategy": 16803, "RPG": 15652, "Early Access": 11230, "Free to Play": 6631, "Sports": 3994,
    "Racing": 3302, "Massively Multiplayer": 2309, "Free To Play": 921, "Utilities": 889, "Violent": 527,
    "Design & Illustration": 519, "Animation & Modeling": 425, "Education": 408, "Gore": 311,
    "Video Production": 303, "Game Development": 248, "Software Training": 211, "Audio Production": 211,
    "Photo Editing": 146, "Nudity": 120, "Web Publishing": 113, "Sexual Content": 108, "Accounting": 24,
    "Movie": 2, "Documentary": 1, "Episodic": 1, "Short": 1, "Tutorial": 1, "360 Video": 1,
}, among=91_103)  # fmt: skip
GENRES_A_GAME = Weights[int]({
    0: 3557, 1: 13510, 2: 24565, 3: 25337, 4: 14140, 5: 6396, 6: 2377, 7: 794, 8: 229, 9: 151, 10: 28,
    11: 15, 12: 1, 13: 1, 16: 1, 19: 1,
})  # fmt: skip
COMPANIES_A_GAME = Weights[int]({1: 81433, 2: 4983, 3: 645, 4: 193, 5: 123, 6: 50, 7: 37, 8: 20, 12: 10, 20: 2})
YEARS = Weights[int]({
    1997: 2, 1999: 3, 2001: 4, 2004: 7, 2006: 69, 2007: 109, 2008: 176, 2009: 343, 2010: 309, 2011: 286,
    2012: 357, 2013: 492, 2014: 1634, 2015: 2693, 2016: 4416, 2017: 6334, 2018: 8183, 2019: 7827,
    2020: 9646, 2021: 12392, 2022: 13988, 2023: 15541, 2024: 6277, 2025: 1,
})  # fmt: skip
OWNERS = Weights[str]({
    "0 - 20000": 59529, "0 - 0": 12753, "20000 - 50000": 8086, "50000 - 100000": 3997,
    "100000 - 200000": 2624, "200000 - 500000": 2177, "500000 - 1000000": 918, "1000000 - 2000000": 526,
    "2000000 - 5000000": 336, "5000000 - 10000000": 92, "10000000 - 20000000": 38,
})  # fmt: skip
CATEGORY_NAMES = Weights[str]({
    "Single-player": 82126, "Steam Achievements": 39382, "Steam Cloud": 20171,
    "Full controller support": 17347, "Multi-player": 16481, "Partial Controller Support": 11138,
    "PvP": 10410, "Steam Trading Cards": 9995, "Co-op": 8333, "Online PvP": 7438,
    "Steam Leaderboards": 7151, "Remote Play Together": 6417, "Shared/Split Screen": 5961,
    "Family Sharing": 4867, "Online Co-op": 4833, "Stats": 3745, "In-App Purchases": 2489,
    "Cross-Platform Multiplayer": 2449, "Remote Play on TV": 2207, "Includes level editor": 2050,
    "Steam Workshop": 1944, "MMO": 1380, "Captions available": 1233, "VR Only": 821, "LAN PvP": 768,
    "Commentary available": 249,
}, among=91_103)  # fmt: skip
LANGUAGE_NAMES = Weights[str]({
    "English": 83645, "Simplified Chinese": 21403, "German": 20168, "French": 19610, "Russian": 18796,
    "Spanish - Spain": 18133, "Japanese": 17226, "Italian": 13653, "Korean": 11084,
    "Traditional Chinese": 10667, "Portuguese - Brazil": 10497, "Polish": 8268, "Turkish": 6095,
    "Spanish - Latin America": 5160, "Dutch": 4942, "Czech": 3850, "Ukrainian": 3615, "Swedish": 3592,
    "Thai": 3282, "Hungarian": 3269, "Arabic": 3269, "Danish": 3098, "Norwegian": 3029, "Finnish": 3000,
    "Romanian": 2737, "Greek": 2712, "Vietnamese": 2565, "Portuguese - Portugal": 2531, "Bulgarian": 2508,
    "Indonesian": 972, "Hindi": 664,
}, among=91_103)  # fmt: skip
RARE_LANGUAGES = [
    "Catalan", "Malay", "Slovak", "Croatian", "Serbian", "Hebrew", "Lithuanian", "Latvian", "Basque",
    "Estonian", "Filipino", "Bangla", "Belarusian", "Persian", "Azerbaijani", "Slovenian", "Icelandic",
    "Albanian", "Afrikaans", "Galician", "Urdu", "Bosnian", "Georgian", "Kazakh", "Mongolian", "Uzbek",
    "Irish", "Macedonian", "Welsh", "Tamil", "Luxembourgish", "Zulu", "Malayalam", "Swahili", "Hausa",
    "Kinyarwanda", "Tajik", "Tatar", "Turkmen", "Yoruba", "Armenian", "Kannada", "Kyrgyz", "Maltese",
    "Nepali", "Punjabi (Gurmukhi)", "Sotho", "Uyghur", "Gujarati", "Maori", "Marathi", "Odia", "Xhosa",
    "Igbo", "Scots", "Khmer", "Sinhala", "Telugu", "Assamese", "Amharic", "Quechua", "Konkani",
    "Punjabi (Shahmukhi)", "Sindhi", "Sorani", "Tigrinya", "Dari", "Cherokee", "K'iche'", "Tswana",
    "Valencian", "Wolof",
]  # fmt: skip
TAG_NAMES = Weights[str]({
    "Indie": 245, "Singleplayer": 245, "Action": 196, "Adventure": 189, "Casual": 185, "2D": 135,
    "Colorful": 94, "Strategy": 90, "Puzzle": 89, "Atmospheric": 86, "Simulation": 86, "3D": 84, "Cute": 68,
    "RPG": 67, "Story Rich": 66, "Exploration": 66, "Early Access": 66, "Pixel Graphics": 63, "Fantasy": 61,
    "First-Person": 57, "Funny": 56, "Arcade": 53, "Multiplayer": 49, "Family Friendly": 49, "Survival": 45,
    "Platformer": 45, "Horror": 45, "Shooter": 45, "Retro": 43, "Combat": 43, "VR": 43, "Relaxing": 43,
    "Controller": 38, "Top-Down": 38, "Comedy": 37, "Third Person": 37, "Sci-fi": 36, "Side Scroller": 36,
    "Difficult": 35, "Mystery": 35, "Stylized": 34, "Anime": 34, "Point & Click": 30, "FPS": 30,
    "Free to Play": 30, "Physics": 29, "Open World": 29, "Beat 'em up": 10,
}, among=505)  # fmt: skip

PLAYTEST = 0.0371
NO_DEVELOPER = {True: 0.9976, False: 0.00239}
"""The key says whether the game is a playtest."""
NO_PUBLISHER = 0.0025
MONTH_ONLY, NO_DATE = 0.0014, 0.001
NO_TAGS = 0.12
EMPTY_TITLE, ASTRAL_TITLE, FOREIGN_TITLE, SYMBOL_TITLE = 6 / 91103, 127 / 91103, 0.035, 0.025
ENTITY_TITLE, QUOTED_TITLE, INVISIBLE_TITLE = 14 / 91103, 45 / 91103, 10 / 91103
REPEATED_TITLE = 814 / 91103
EMPTY_TEXT, TYPOGRAPHIC_TEXT, FOREIGN_TEXT, ENTITY_TEXT, SHORT_ENTITY_TEXT = 0.004, 0.36, 0.03, 0.09, 0.03
ODD_LANGUAGE = 30 / 91103
MAC, LINUX = 0.1886, 0.1303
WEBSITE, SUPPORT_EMAIL, REVIEWS, NOTES, PACKAGE, METACRITIC = 0.48, 0.88, 0.137, 0.188, 0.883, 0.0434
