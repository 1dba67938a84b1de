#!/usr/bin/env python3
"""Writes a deterministic log file in the shape of the Okta System Log (about 1.5 kB an event).

usage: generate.py FOLDER EVENTS [SEED]
Actors follow Zipf's law, 90 days, one in four messages holds an e-mail address or an IP address.
"""
import bisect
import datetime as dt
import itertools
import json
import pathlib
import random
import sys

START = dt.datetime(2026, 7, 1, tzinfo=dt.timezone.utc)
ACTORS = 50_000
OKTA_TYPES = ["user.session.start", "user.session.end", "user.authentication.sso", "user.authentication.auth_via_mfa", "policy.evaluate_sign_on",
              "group.user_membership.add", "application.user_membership.add", "user.account.update_password"]


def zipf(rng, count):
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(count)))
    return lambda: bisect.bisect(weights, rng.random() * weights[-1])


def moment(rng):
    day, hour = rng.randrange(90), min(23, max(0, int(rng.gauss(13, 4))))
    return START + dt.timedelta(days=day, hours=hour, microseconds=rng.randrange(3_600_000_000))


def address(actor):
    return f"198.51.{actor % 100}.{actor // 100 % 250 + 1}"


def okta(rng, pick):
    actor, when = pick(), moment(rng)
    result = rng.choices(["SUCCESS", "FAILURE", "ALLOW"], [8, 1, 1])[0]
    uuid = f"{rng.getrandbits(128):032x}"
    return {
        "actor": {"id": f"00u{actor:017d}", "type": "User", "alternateId": f"user{actor}@example.com", "displayName": f"Person {actor}", "detailEntry": None},
        "client": {"userAgent": {"rawUserAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "os": "Linux", "browser": "FIREFOX"},
                   "zone": "null", "device": "Computer", "id": None, "ipAddress": address(actor),
                   "geographicalContext": {"city": "Example", "state": "Example", "country": "Example", "postalCode": "00000", "geolocation": {"lat": 1.5, "lon": 2.5}}},
        "authenticationContext": {"authenticationProvider": None, "credentialProvider": None, "credentialType": None, "issuer": None, "interface": None,
                                  "authenticationStep": 0, "externalSessionId": f"idx{rng.getrandbits(64):016x}"},
        "displayMessage": "User login to Okta" if rng.random() < .75 else f"Mail sent to user{actor}@example.com from {address(actor)}",
        "eventType": rng.choice(OKTA_TYPES), "outcome": {"result": result, "reason": None}, "published": when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "securityContext": {"asNumber": 64500, "asOrg": "example", "isp": "example", "domain": "example.net", "isProxy": False}, "severity": "INFO",
        "debugContext": {"debugData": {"requestId": uuid[:27], "requestUri": "/api/v1/authn", "url": "/api/v1/authn?", "threatSuspected": "false"}},
        "legacyEventType": "core.user_auth.login_success", "transaction": {"type": "WEB", "id": uuid[:27], "detail": {}},
        "uuid": f"{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}", "version": "0",
        "request": {"ipChain": [{"ip": address(actor), "geographicalContext": None, "version": "V4", "source": None}]},
        "target": [{"id": f"0oa{actor % 300:017d}", "type": "AppInstance", "alternateId": f"app-{actor % 300}", "displayName": f"App {actor % 300}", "detailEntry": None}],
    }


def main():
    folder, events = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    pick = zipf(rng, ACTORS)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "okta.jsonl", "w") as out:
        for _ in range(events):
            out.write(json.dumps(okta(rng, pick), separators=(",", ":")) + "\n")


main()
