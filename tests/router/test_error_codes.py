"""Both gateways use exactly the error codes of the subgraphs."""

import re
from pathlib import Path

import pytest

from subgraphs.kit import errors

ROUTER = Path(__file__).parents[2] / "router"
PROTOCOL = "PERSISTED_QUERY_NOT_FOUND"


def subclasses(kind: type[errors.StoreError]) -> set[type[errors.StoreError]]:
    return {kind}.union(*[subclasses(one) for one in kind.__subclasses__()])


CODES = {kind.code for kind in subclasses(errors.StoreError)}


def names(text: str) -> set[str]:
    return set(re.findall(r'"([A-Z_]{2,})"', text))


def test_the_routers_script_passes_on_the_subgraphs_codes() -> None:
    script = (ROUTER / "main.rhai").read_text()
    [passed_on] = re.findall(r"switch code \{(.*?)=> code", script, re.DOTALL)
    assert names(passed_on) == CODES


@pytest.mark.parametrize("file", ["main.rhai", "gateway/errors.mjs"])
def test_a_gateway_adds_no_other_codes(file: str) -> None:
    text = (ROUTER / file).read_text()
    answered = {
        "main.rhai": re.findall(r'(?:=>|\{|else \{)\s*("[A-Z_]+")(?:,|\s*\})', text),
        "gateway/errors.mjs": re.findall(r':\s*("[A-Z_]+")|return ("[A-Z_]+")|\?\? ("[A-Z_]+")', text),
    }[file]
    found = names(str(answered).replace("'", ""))
    assert found
    assert found <= CODES


def test_the_node_gateway_passes_on_the_subgraphs_codes() -> None:
    [passed_on] = re.findall(r"CONTRACT = new Set\((.*?)\)", (ROUTER / "gateway/errors.mjs").read_text(), re.DOTALL)
    assert names(passed_on) == CODES | {PROTOCOL}
