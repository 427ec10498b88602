"""`kohoban-install rollback`: the version before, with the database that it left, as long as nothing has gone out since."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from console.installation import documents, services
from console.installation.offices import Office
from console.installation.outcome import FINE, REFUSED, Problem, Progress, out, problem, text
from console.installation.place import Place, Switch
from console.installation.upgrading import UPGRADING
from console.words import known, say


def rollback(place: Place) -> int:
    """Bring program and databases back. Raises Problem: where something went out since, and where a step fails; then the new version is in
    force. What is back already stays so, at rest, and the next rollback goes on from there."""
    tell, record = Progress(), place.load()
    switch = record.switch
    if switch is None or switch.after != place.in_force() or switch.before not in place.there():
        raise Problem(text("problem.no_way_back"), REFUSED)
    offices = [Office(Path(folder)) for folder in switch.offices]
    waiting = [office for office in offices if not _is_back(switch, office)]
    for office in waiting:
        _look(place, switch, office, tell)
    stopped: list[Office] = []
    try:
        for office in waiting:
            kept = switch.offices[str(office.folder)]
            kept["was_up"], kept["units"] = office.pid() is not None, office.running_units()
            if kept["was_up"]:
                stopped.append(office)
                office.stop(tell)
        for office in waiting:
            _look(place, switch, office, tell)  # again, now that nothing can begin any more
        place.save(record)
        for office in waiting:
            found = office.work(place.python(switch.after), UPGRADING, _aside("back", switch, office), tell)
            _refuse_where_out(office, switch, place, found)
            switch.offices[str(office.folder)]["found"] = found
            place.save(record)
        place.switch_to(switch.before)
    except BaseException as error:
        tell.end()
        _start_again(place, switch, stopped, error, tell)
        back = [str(office.folder) for office in offices if _is_back(switch, office)]
        if back and isinstance(error, Problem | OSError):
            raise problem("half_rolled_back", why=error, offices=" ".join(back), after=switch.after) from error
        raise
    record.switch = None
    place.save(record)
    documents.link(place, Path(record.bin))
    for office in offices:
        kept = switch.offices[str(office.folder)]
        if "found" in kept:
            _note(place, switch, office, kept["found"])
        if kept.get("was_up"):
            office.start(place, switch.before, _units_of(place, switch, office, kept["units"]), tell)
    tell.end()
    out(text("done.rolled_back", before=switch.before, after=switch.after))
    for office in offices:
        if "found" in switch.offices[str(office.folder)]:
            _say(office, switch.offices[str(office.folder)]["found"])
    return FINE


def _start_again(place: Place, switch: Switch, stopped: list[Office], why: BaseException, tell: Progress) -> None:
    """What was ended for a way back that came to nothing, as it was. Raises Problem where that fails as well."""
    failed = []
    for office in stopped:
        try:
            if not _is_back(switch, office) and office.pid() is None:
                office.start(place, switch.after, switch.offices[str(office.folder)]["units"], tell)
        except (Problem, OSError) as more:
            failed.append(str(more))
    tell.end()
    if failed:
        raise problem("half_back", why=why, more=" ".join(failed), before=switch.after) from why


def _is_back(switch: Switch, office: Office) -> bool:
    """Whether the old store stands in its place again: it takes its note along."""
    return not (Path(switch.offices[str(office.folder)]["aside"]) / "upgrade.json").exists()


def _look(place: Place, switch: Switch, office: Office, tell: Progress) -> None:
    """Raises Problem where something may have gone out since."""
    found = office.work(place.python(switch.after), UPGRADING, _aside("look", switch, office), tell)
    _refuse_where_out(office, switch, place, found)


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
