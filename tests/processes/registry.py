"""Maintenance as operators' tools write and read it, for tests."""

HOUR_NS = 3600 * 10**9


def machine(number):
    return {"hostname": f"host-{number}", "ip": f"10.0.0.{number}"}


def schedule(*numbers, start_ns=1_900_000_000 * 10**9):
    """One window over these machines."""
    return {"windows": [{
        "machine_ids": [machine(number) for number in numbers],
        "unavailability": {"start": {"nanoseconds": start_ns}, "duration": {"nanoseconds": HOUR_NS}},
    }]}


def machines_in(windows):
    return sorted(one["hostname"] for window in windows.get("windows", [])
                  for one in window["machine_ids"])


def down_in(status):
    return sorted(one["hostname"] for one in status.get("down_machines", []))
