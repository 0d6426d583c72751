"""The trial itself: see try-clients."""

import json
import pathlib
import socket
import ssl
import sys
import threading
import urllib.parse
import urllib.request

folder = pathlib.Path(sys.argv[1])
lab = json.loads((folder / "lab.json").read_text())


def get(url):
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve_tls(host, port):
    """Listens with TLS on a free port, passes everything on in the clear, and returns the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            raw, _ = listener.accept()
            try:
                client = context.wrap_socket(raw, server_side=True)
            except (ssl.SSLError, OSError):
                continue
            server = socket.create_connection((host, port))
            threading.Thread(target=pump, args=(client, server), daemon=True).start()
            threading.Thread(target=pump, args=(server, client), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def check(what, holds):
    print(("ok      " if holds else "FAILED  ") + what)
    if not holds:
        sys.exit(1)


def try_proxmoxer():
    import urllib3
    from proxmoxer import ProxmoxAPI, ResourceException

    urllib3.disable_warnings()
    url = urllib.parse.urlparse(lab["proxmox_urls"][0])
    name, secret = lab["proxmox_token"].split("=")
    user, token = name.split("!")
    api = ProxmoxAPI(
        "127.0.0.1", port=serve_tls(url.hostname, url.port), user=user, token_name=token, token_value=secret,
        verify_ssl=False)
    estate = get(lab["control_url"] + "/estate")
    check("proxmoxer: version", "version" in api.version.get())
    rows = api.cluster.resources.get()
    guests = [row for row in rows if row["type"] in ("lxc", "qemu")]
    check(f"proxmoxer: {len(guests)} guests listed", len(guests) == estate["guests"])
    status = api.cluster.status.get()
    check("proxmoxer: cluster and quorum", status[0]["name"] == lab["cluster"] and status[0]["quorate"] == 1)
    check("proxmoxer: permissions", api.access.permissions.get()["/vms"]["VM.Audit"] == 1)
    listed = [guest for node in api.nodes.get() for guest in api.nodes(node["node"]).lxc.get()]
    check("proxmoxer: node lists add up", len(listed) == len([g for g in guests if g["type"] == "lxc"]))
    one = next(guest for guest in guests if guest["vmid"] == 5001)
    container = api.nodes(one["node"]).lxc(5001)
    check("proxmoxer: current status", container.status.current.get()["status"] == "running")
    check("proxmoxer: configuration", container.config.get()["hostname"] == one["name"])
    check("proxmoxer: interfaces", any(row["name"] == "eth0" for row in container.interfaces.get()))
    try:
        container.status.stop.post()
        check("proxmoxer: a stop without the privilege is refused", False)
    except ResourceException as error:
        check("proxmoxer: a stop without the privilege is refused", error.status_code == 403)


def try_octodns():
    import octodns_cloudflare
    from octodns.zone import Zone

    # A client that has not yet seen the zone: it keeps what it once read.
    def provider():
        return octodns_cloudflare.CloudflareProvider(
            "lab", token=lab["cloudflare_token"], api_url=lab["cloudflare_url"])

    first = provider()
    zone = Zone(lab["zone"] + ".", [])
    check("octodns: the zone exists", first.populate(zone, lenient=True))
    srv = [record for record in zone.records if record._type == "SRV"]
    check(f"octodns: {len(zone.records)} record sets, {len(srv)} of them SRV", len(srv) >= 10)
    check("octodns: all SRV priorities are 0", all(value.priority == 0 for r in srv for value in r.values))

    # A plan against what it has just read itself must be empty; one record less must be one deletion.
    before = get(lab["control_url"] + "/writes")["count"]
    plan = first.plan(zone)
    check("octodns: a plan to what is there is empty", plan is None)
    wanted = Zone(lab["zone"] + ".", [])
    for record in zone.records:
        if record is not srv[0]:
            wanted.add_record(record, lenient=True)
    plan = first.plan(wanted)
    check("octodns: one record set less is one deletion", [type(c).__name__ for c in plan.changes] == ["Delete"])
    check("octodns: planning wrote nothing", get(lab["control_url"] + "/writes")["count"] == before)
    check("octodns: the deletion is applied", first.apply(plan) == 1)
    check("octodns: which was one write", get(lab["control_url"] + "/writes")["count"] == before + 1)
    back = provider().plan(zone)
    check("octodns: now it wants it back", [type(c).__name__ for c in back.changes] == ["Create"])
    fresh = provider()
    check("octodns: and creates it", fresh.apply(fresh.plan(zone)) == 1)
    check("octodns: after which nothing is left to do", provider().plan(zone) is None)


try_proxmoxer()
try_octodns()
