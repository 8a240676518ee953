"""Pictures of games, drawn from an id and a title: the same picture at each call."""

import math
import random
from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

WIDTH, HEIGHT = 460, 215
LAYERS = 4
LONGEST = 100
"""Characters of a title that are drawn."""
SCENES = "0", "1", "2"
HEADERS = {"cache-control": "public, max-age=86400", "content-security-policy": "default-src 'none'"}


def picture(game_id: str, title: str, scene: int = 0) -> str:
    """An SVG: a landscape with the title in it. `scene` 0 is the header, others are screenshots without a title."""
    rng = random.Random(f"{game_id} {title} {scene}")
    hue = random.Random(f"{game_id} {title}").randrange(360)
    parts = [_sky(hue), _sun(rng, hue), *[_hills(rng, hue, layer) for layer in range(LAYERS)], _gear(rng, hue)]
    if scene == 0:
        parts.append(_caption(title[:LONGEST]))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(title[:LONGEST])}</title>{''.join(parts)}</svg>"
    )


def _sky(hue: int) -> str:
    return (
        '<defs><linearGradient id="sky" x2="0" y2="1">'
        f'<stop stop-color="hsl({hue},55%,28%)"/><stop offset="1" stop-color="hsl({(hue + 40) % 360},70%,72%)"/>'
        f'</linearGradient></defs><rect width="{WIDTH}" height="{HEIGHT}" fill="url(#sky)"/>'
    )


def _sun(rng: random.Random, hue: int) -> str:
    x, y, radius = rng.randint(40, WIDTH - 40), rng.randint(30, 90), rng.randint(14, 34)
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="hsl({(hue + 60) % 360},90%,88%)" opacity=".85"/>'


def _hills(rng: random.Random, hue: int, layer: int) -> str:
    """Hills from one side to the other; a later layer is nearer, lower and darker."""
    base, height, phase = 105 + 28 * layer, rng.randint(10, 26), rng.uniform(0, math.tau)
    waves = rng.uniform(1, 3)
    points = " ".join(
        f"{x},{base + height * math.sin(phase + waves * math.tau * x / WIDTH) + rng.uniform(-3, 3):.0f}"
        for x in range(0, WIDTH + 1, 20)
    )
    return f'<polygon points="0,{HEIGHT} {points} {WIDTH},{HEIGHT}" fill="hsl({hue},45%,{42 - 9 * layer}%)"/>'


def _gear(rng: random.Random, hue: int) -> str:
    x, radius, teeth = rng.randint(50, WIDTH - 50), rng.randint(20, 40), rng.randint(8, 14)
    step = math.tau * radius / (2 * teeth)
    return (
        f'<g fill="none" stroke="hsl({(hue + 30) % 360},50%,60%)" opacity=".7">'
        f'<circle cx="{x}" cy="170" r="{radius}" stroke-width="8" stroke-dasharray="{step:.2f}"/>'
        f'<circle cx="{x}" cy="170" r="{radius - 7}" stroke-width="6"/></g>'
    )


def _caption(title: str) -> str:
    size = max(12, min(34, int(1.7 * (WIDTH - 40) / max(1, len(title)))))
    return (
        f'<text x="20" y="{HEIGHT - 24}" font-family="Georgia, serif" font-weight="bold" font-size="{size}" '
        f'fill="#fff" stroke="#000" stroke-opacity=".45" stroke-width="4" paint-order="stroke">{escape(title)}</text>'
    )


async def _answer(request: Request) -> Response:
    scene = request.query_params.get("scene", "0")
    svg = picture(**request.path_params, scene=int(scene) if scene in SCENES else 0)
    return Response(svg, media_type="image/svg+xml", headers=HEADERS)


PICTURES = Route("/pictures/{game_id}/{title}.svg", _answer)
"""Serves the pictures; those of screenshots with `?scene=1` and `?scene=2`."""
