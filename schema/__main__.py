"""`python -m schema`: writes the SDL of each subgraph, and the supergraph and the clients' schema that they compose.

`--check` writes nothing. It fails if the committed files differ from the code, if the clients' schema breaks what the
last release promised without saying so in the changelog, and if a deprecation lacks a reason or a date.
"""

import sys

from schema.check import ROOT, check
from schema.composition import generate


def main() -> int:
    generated = generate()
    if "--check" in sys.argv[1:]:
        return report(check(generated, ROOT))
    for file, text in generated.items():
        (ROOT / "schema" / file).write_text(text)
    print(f"Wrote {len(generated)} files to schema/.")
    return 0


def report(problems: list[str]) -> int:
    """Prints the problems. The exit code: 1 if there are any."""
    print("\n".join(problems) or "schema/ is up to date and breaks no client.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
