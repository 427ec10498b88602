"""`kohoban-install rollback`: the version before, with the database that it left, as long as nothing has gone out since."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from console.installation import documents, services
from console.installation.offices import Office
from console.installation.outcome import FINE, REFUSED, Problem, Progress, out, text
from console.installation.place import Place, Switch
from console.installation.upgrading import UPGRADING
from console.words import known, say


def rollback(place: Place) -> int:
    """Bring program and databases back. Raises Problem: where something went out since, and where a step fails; then the new version is in
    force."""
    tell, record = Progress(), place.load()
    switch = record.switch
    if switch is None or switch.after != place.in_force() or switch.before not in place.there():
        raise Problem(text("problem.no_way_back"), REFUSED)
    offices = [Office(Path(folder)) for folder in switch.offices]
    for office in offices:
        _refuse_where_out(
            office, switch, place, office.work(place.python(switch.after), UPGRADING, _aside("look", switch, office), tell)
        )
    stopped: list[tuple[Office, list[str]]] = []
    returned: list[tuple[Office, dict[str, Any]]] = []
    try:
        for office in offices:
            if office.pid() is not None:
                stopped.append((office, []))
                stopped[-1] = (office, office.stop(tell))
        for office in offices:
            # Asked again, now that nothing can begin any more.
            _refuse_where_out(
                office, switch, place, office.work(place.python(switch.after), UPGRADING, _aside("look", switch, office), tell)
            )
        for office in offices:
            found = office.work(place.python(switch.after), UPGRADING, _aside("back", switch, office), tell)
            _refuse_where_out(office, switch, place, found)
            returned.append((office, found))
        place.switch_to(switch.before)
    except (Problem, OSError):
        tell.end()
        if not returned:
            for office, units in stopped:
                office.start(place, switch.after, units, tell)
        raise
    record.switch = None
    place.save(record)
    documents.link(place, Path(record.bin))
    for office, found in returned:
        _note(place, switch, office, found)
    for office, units in stopped:
        office.start(place, switch.before, _units_of(place, switch, office, units), tell)
    tell.end()
    out(text("done.rolled_back", before=switch.before, after=switch.after))
    for office, found in returned:
        _say(office, found)
    return FINE


def _units_of(place: Place, switch: Switch, office: Office, units: list[str]) -> list[str]:
    """The units under which the version before can run: its own; none where it makes none, because it does not tell their watchdog that it lives."""
    if not units:
        return units
    if not services.has(place, switch.before, office):
        services.uninstall(str(place.program(switch.after)), office)
        out(text("done.without_units", office=office.folder, before=switch.before))
        return []
    services.install(place, office, start=False)
    return units


def _aside(what: str, switch: Switch, office: Office) -> list[str]:
    return [what, "--aside", switch.offices[str(office.folder)]["aside"]]


def _refuse_where_out(office: Office, switch: Switch, place: Place, found: dict[str, Any]) -> None:
    """Raises Problem where drafts may have gone out since: the old database would let them go out once more."""
    if found["out"]:
        drafts = ", ".join(str(draft) for draft in found["out"][:10])
        raise Problem(
            text(
                "problem.went_out",
                office=office.folder,
                drafts=drafts,
                count=len(found["out"]),
                before=switch.before,
                after=switch.after,
                backup=switch.offices[str(office.folder)]["backup"],
                program=place.program(switch.before),
            ),
            REFUSED,
        )


def _note(place: Place, switch: Switch, office: Office, found: dict[str, Any]) -> None:
    """Write the way back into the office's own record, by the version that is in force again."""
    (script,) = place.folder(switch.after).glob("lib/python3*/site-packages/daemon/service/noting_main.py")
    by = os.environ.get("SUDO_USER") or "root" if os.geteuid() == 0 else office.login
    detail = {
        "seq": found["seq"],
        "aside": Path(found["aside"]).name,
        "aside_entries": len(found["decided"]),
        "before": switch.after,
        "after": switch.before,
    }
    store = str(office.folder / "state" / "store")
    code, said = office.run([str(place.python(switch.before)), "-I", str(script), store, by, "restore", json.dumps(detail)])
    if code:
        out(text("done.not_noted", why=said.splitlines()[-1] if said else code))


def _say(office: Office, found: dict[str, Any]) -> None:
    """What was done since, and is to be done again."""
    out(text("back.office", office=office.folder, aside=found["aside"]))
    if found["comments"]:
        out(text("back.comments", files=" ".join(found["comments"])))
    if not found["decided"]:
        out(text("back.nothing"))
        return
    out(text("back.decided", count=len(found["decided"])))
    for one in found["decided"]:
        act = say("tui", f"recorded.{one['act']}") if known("tui", f"recorded.{one['act']}") else one["act"]
        out(f"  {one['at'][:16].replace('T', ' ')}  {one['actor']}  {act}  {one['name']}".rstrip())
