"""The commands in the pages that no test runs, each with the reason. Their sessions must exist all the same."""

TOO_LONG = "runs the whole suite: CI does so"
STARTS_THE_STORE = "the store that runs the pages is started by it: see store.py"
READERS_OWN = "needs servers, secrets or Docker, which only the reader has"

NOT_RUN = {
    "python3 noxfile.py -s up": STARTS_THE_STORE,
    "python3 noxfile.py -s tests": TOO_LONG,
    "export STEAMPUNK_DATABASE_URL=mysql+aiomysql://user:password@host:3306/steampunk": READERS_OWN,
    "export STEAMPUNK_REDIS_URL=redis://host:6379/0": READERS_OWN,
    "cp deploy/env.example .env": READERS_OWN,
    "docker compose up --build --wait": READERS_OWN,
}
