"""The commands in the pages that no test runs, each with the reason. Their sessions must exist all the same."""

TOO_LONG = "runs the whole suite: CI does so"
STARTS_THE_STORE = "the store that runs the pages is started by it: see store.py"
READERS_OWN = "needs servers, secrets, Docker or a cluster, which only the reader has"

STOPPED = "the store must be stopped: tests/store/test_sample_store.py runs it"
MEASURES = "measures for many minutes, on a MariaDB of its own"
MAY_BUILD = "builds the router, for 14 minutes, where there is none"
CLUSTERS = "takes half an hour, and network namespaces; tests/clusters has a short part"
SERVES = "serves until Ctrl-C, as `up` does"

NOT_RUN = {
    "python3 noxfile.py -s up": STARTS_THE_STORE,
    "python3 noxfile.py -s tests": TOO_LONG,
    "export STEAMPUNK_REDIS_URL=redis://host:6379/0": READERS_OWN,
    "cp deploy/demo.env .env": READERS_OWN,
    "docker compose up --build --wait": READERS_OWN,
    "mkdir -p deploy/certificates": READERS_OWN,
    "docker compose -f docker-compose.yml -f deploy/tls.yml up --build --wait": READERS_OWN,
    "kubectl apply -k deploy/kubernetes/overlays/production/servers": READERS_OWN,
    "kubectl -n steampunk create secret generic store --from-env-file=store.secret": READERS_OWN,
    "kubectl apply -k deploy/kubernetes/overlays/production/migrate": READERS_OWN,
    "kubectl -n steampunk wait --for=condition=complete --timeout=1h job/migrate": READERS_OWN,
    "kubectl apply -k deploy/kubernetes/overlays/production/store": READERS_OWN,
    "mkdir -m 700 backups": READERS_OWN,
    "sudo chown 999 backups": READERS_OWN,
    "docker compose run --rm backup": READERS_OWN,
    "docker compose up --wait database": READERS_OWN,
    "docker compose run --rm backup sh /scripts/restore.sh /backups/FILE.sql.gz": READERS_OWN,
    "docker compose up --wait": READERS_OWN,
    "docker compose run --rm auditor python -m subgraphs audit --wait 60": READERS_OWN,
    "python -m subgraphs rotate signing-key": READERS_OWN,
    "python -m subgraphs secrets ~/steampunk-secrets.json": READERS_OWN,
    "export STEAMPUNK_SECRETS_FILE=~/steampunk-secrets.json": READERS_OWN,
    "export STEAMPUNK_DATABASE_URL=mysql+aiomysql://shop:password@host:3306/steampunk": READERS_OWN,
    "export STEAMPUNK_TOP_UP_PROVIDER=sandbox": READERS_OWN,
    "python -m subgraphs sample": READERS_OWN,
    "cp -a .steampunk steampunk-backup": STOPPED,
    "rm -r .steampunk": STOPPED,
    "cp -a steampunk-backup .steampunk": STOPPED,
    "nox -s perf -- etl": MEASURES,
    "nox -s perf -- pay --past 1000000 --concurrency 8 --no-growth": MEASURES,
    "nox -s clusters -- --only=databases": CLUSTERS,
    ".nox/store/bin/python -m router install": MAY_BUILD,
    ".nox/store/bin/python -m uvicorn --factory router.playground:create_app --port 4080": SERVES,
}
