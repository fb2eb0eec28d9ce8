"""Arranges, moves and asks a pod by the client that was generated of its description: `use.py CONTROL_URL`."""

import sys

from client import Client
from client.api.default import (
    clock_advance,
    clock_freeze,
    clock_read,
    expect_expect,
    faults_inject,
    faults_list,
    faults_remove,
    people_send,
    snapshots_pods,
)
from client.models import Advance, FaultDocument, Request, Sending

ADVANCE = "15m"

pod = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)


def done(response):
    assert response.status_code < 300, (response.status_code, response.content)
    return response.parsed


names = [it.name for it in done(snapshots_pods.sync_detailed(client=pod)).pods]
assert names == ["main"], names

done(clock_freeze.sync_detailed(client=pod))
before = done(clock_read.sync_detailed(client=pod)).now
after = done(clock_advance.sync_detailed(client=pod, body=Advance.from_dict({"by": ADVANCE}))).now
assert after - before == 15 * 60 * 1000, (before, after)

plan = FaultDocument.from_dict({"operation": "sessioninfo_v2", "status": 503, "times": 1})
fault = done(faults_inject.sync_detailed(client=pod, body=plan))
planned = done(faults_list.sync_detailed(client=pod)).faults
assert [it.id for it in planned] == [fault.id], planned
done(faults_remove.sync_detailed(client=pod, id=fault.id))
assert done(faults_list.sync_detailed(client=pod)).faults == []

hello = Sending.from_dict({"stream": "Test Room", "message": "hello"})
assert done(people_send.sync_detailed(client=pod, user="alice", body=hello)).message_id

nothing = Request.from_dict({"operation": "session_authenticate_v1", "count": 0, "within": "1ms"})
done(expect_expect.sync_detailed(client=pod, body=nothing))
misspelt = Request.from_dict({"operation": "session_autenticate_v1"})
refused = expect_expect.sync_detailed(client=pod, body=misspelt)
assert refused.status_code == 400 and refused.parsed.field == "operation", refused
print(f"the generated client arranged, moved and asked {sys.argv[1]}")
