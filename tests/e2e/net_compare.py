#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""net_compare.py KDVIEW DUMP VMLINUX CONSOLE: devices and addresses of every network namespace as
`kdview net` finds them in the dump, against what ip(8) said on the crashed machine's console (JSON,
see net_commands in scripts/mkcores.d/debian.sh)."""
import ipaddress
import json
import re
import subprocess
import sys

STATS = (("bytes", "bytes"), ("packets", "packets"), ("errors", "errors"), ("dropped", "dropped"))


def console_answers(path):
    """{namespace: devices}; the first one has the name ''."""
    name, found = None, {}
    for line in open(path, errors="replace"):
        line = line.strip("\r\n")
        m = re.search(r"kd: run: /sbin/ip (?:-n (\w+) )?-json -statistics address", line)
        if m:
            name = m[1] or ""
        elif name is not None and line.startswith("["):
            found[name] = json.loads(line)
            name = None
    return found


def kdview(program, command, *args):
    run = subprocess.run([program, "net", "--json", *command, *args], stdout=subprocess.PIPE,
                         check=True)
    return json.loads(run.stdout)


def addresses_of(device):
    """As kdview writes them."""
    out = []
    for a in device["addr_info"]:
        peer = f" peer {a['address']}" if "address" in a else ""
        label = a.get("label", device["ifname"])
        text = f"{ipaddress.ip_address(a['local'])}{peer}/{a['prefixlen']}"
        if a["family"] == "inet" and label != device["ifname"]:
            text += f" ({label})"
        if a.get("tentative"):
            text += " (tentative)"
        out.append(text)
    return " ".join(out)


def compare(theirs, ours, problems, where):
    flags = {f.lower() for f in theirs["flags"]} - {"no-carrier"}
    hardware = theirs.get("address")
    pairs = [
        ("index", theirs["ifindex"], ours["index"]),
        ("mtu", theirs["mtu"], ours["mtu"]),
        ("state", theirs["operstate"].lower().replace("lowerlayerdown", "lower layer down"),
         ours["state"]),
        # ip does not print RUNNING, and prints NO-CARRIER where LOWER_UP is not
        ("flags", flags - {"running", "slave"},
         set(ours["flags"].split()) - {"running", "allmulti", "promisc"}
         | (set(ours["flags"].split()) & {"promisc", "allmulti"} & flags)),
        ("hardware", hardware, ours["hardware"]),
        ("master", theirs.get("master"), ours["master"]),
        ("below", theirs.get("link"), ours["below"]),
        ("addresses", addresses_of(theirs), ours["addresses"] or ""),
    ]
    for what, a, b in pairs:
        if a != b:
            problems.append(f"{where}: {what}: ip {a!r}, kdview {b!r}")


def compare_stats(theirs, ours, problems, where):
    """The machine went on for two seconds: what it counted can only have grown."""
    for way in ("rx", "tx"):
        for key, name in STATS:
            before, after = theirs["stats64"][way][name], ours[f"{way}_{key}"]
            if after is None:
                return 0
            if not before <= after <= before + 5000:
                problems.append(f"{where}: {way} {name}: ip {before}, kdview {after}")
    return 1


def main():
    program, dump, vmlinux, console = sys.argv[1:]
    args = [dump] if vmlinux == "-" else [dump, vmlinux]
    truth = console_answers(console)
    if not truth:
        sys.exit(f"{console}: no answer of ip in it")
    devices = kdview(program, [], *args)["devices"]
    stats = kdview(program, ["-s"], *args)["statistics"]
    problems, seen, counted = [], 0, 0
    for name, list_ in truth.items():
        mine = [(d, s) for d, s in zip(devices, stats) if (d["namespace_name"] or "") == name]
        if [d["ifname"] for d in list_] != [d["name"] for d, _ in mine]:
            problems.append(f"namespace {name!r}: ip {[d['ifname'] for d in list_]}, kdview "
                            f"{[d['name'] for d, _ in mine]}")
            continue
        for theirs, (ours, numbers) in zip(list_, mine):
            where = f"{name or 'init'}: {theirs['ifname']}"
            compare(theirs, ours, problems, where)
            counted += compare_stats(theirs, numbers, problems, where)
            seen += 1
    for p in problems:
        print("differs:", p)
    print(f"{len(truth)} namespaces, {seen} devices, {counted} with statistics, "
          f"{len(problems)} differences")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
