"""The nox sessions as noxfile.py defines them, read without nox."""

import ast
import re
import shlex
import sys
from functools import cache

from tests.docs.pages import ROOT

SESSION = re.compile(r"(?:python3 noxfile\.py|nox) -s (\w+)(?: --(?= ))?")


@cache
def sessions() -> dict[str, ast.FunctionDef]:
    """The sessions by name."""
    module = ast.parse((ROOT / "noxfile.py").read_text())
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    return {node.name: node for node in functions if any(ast.unparse(d) == "nox.session" for d in node.decorator_list)}


def without_nox(command: str) -> str:
    """The command with each session replaced by what the session runs, with this Python.

    The environments that sessions create are the same packages; tests/store/test_first_start.py creates them.
    """
    command = re.sub(r"(?<![\w/])\.nox/\w+/bin/python", shlex.quote(sys.executable), command)
    return SESSION.sub(lambda found: _runs(found[1]), command)


def _runs(name: str) -> str:
    calls = [node for node in ast.walk(sessions()[name]) if isinstance(node, ast.Call)]
    (call,) = [one for one in calls if ast.unparse(one.func) == "python"]
    arguments = [argument.value for argument in call.args[2:] if isinstance(argument, ast.Constant)]
    return shlex.join([sys.executable, *map(str, arguments)])
