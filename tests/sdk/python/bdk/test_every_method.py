"""Every method of every service of the BDK is answered.

The methods are found in the BDK itself, so one that has no arguments in `every_method` fails the test. Each is called once, on a
pod as it was arranged; what came of it goes into a table at the end of pytest's output. A method that the BDK itself breaks
stands in `BROKEN`, and must break so.
"""

import importlib.metadata
import inspect
import json
import time
from collections.abc import AsyncIterable

import pods
from administrator import as_person, call, control
from bots import certificate_app, certificate_bot
from every_method import CALLS, World, scenario
from symphony.bdk.core.client.api_client_factory import ApiClientFactory
from symphony.bdk.core.service_factory import OboServiceFactory, ServiceFactory
from symphony.bdk.core.symphony_bdk import SymphonyBdk
from symphony.bdk.ext.group import SymphonyGroupBdkExtension
from tables import TABLES

RELEASE = importlib.metadata.version("symphony-bdk-python")

# The calls that the BDK breaks, by release: how they end, and why.
NEEDS_A_LOOP = (
    "RuntimeError: asyncio.run() cannot be called from a running event loop",
    "the token comes from a coroutine, for which the client starts a second event loop: no request leaves",
)
NO_SUCH_METHOD = "calls a method that the generated client does not have: no request leaves"
NOT_BASE64 = "sends the text that Python prints for the bytes, b'...'"
BROKEN = {
    "3.0.0": {
        "user.update_avatar: bytes": ("BadRequestException: (400)", NOT_BASE64),
        "message.search_messages: no hit": ("nothing", "gives None instead of an empty list"),
        "group.add_member_to_group": NEEDS_A_LOOP,
        "group.get_group": NEEDS_A_LOOP,
        "group.insert_group": NEEDS_A_LOOP,
        "group.list_all_groups": NEEDS_A_LOOP,
        "group.list_groups": NEEDS_A_LOOP,
        "group.update_avatar": NEEDS_A_LOOP,
        "group.update_group": NEEDS_A_LOOP,
    },
    "2.11.4": {
        "user.update_avatar: bytes": ("ApiException: (400)", NOT_BASE64),
        "user.list_roles": ("AttributeError: 'SystemApi' object", NO_SUCH_METHOD),
        "message.search_messages: no hit": ("AttributeError: 'NoneType' object", "expects a body in the documented 204"),
    },
}
BROKEN_ON_BEHALF = {
    release: {"message.get_attachment_types": ("AttributeError: 'ApiClient' object", NO_SUCH_METHOD)}
    for release in BROKEN
}


async def test_every_method_of_a_bot(home, tmp_path):
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"commands": []}))
    with pods.described(home, **scenario("bot")) as pod:
        config = certificate_bot(pod, manifest=str(manifest))
        async with SymphonyBdk(config) as bdk:
            clients = ApiClientFactory(config)
            services = services_of(ServiceFactory(clients, bdk.bot_session(), config))
            bdk.extensions().register(SymphonyGroupBdkExtension)
            services["group"] = bdk.extensions().service(SymphonyGroupBdkExtension)
            await check(pod, "bot", bdk.bot_session(), services, "a bot", BROKEN[RELEASE])
            await clients.close_clients()


async def test_every_method_on_behalf_of_a_user(home):
    with pods.described(home, **scenario("alice")) as pod:
        config = certificate_app(pod)
        async with SymphonyBdk(config) as bdk:
            session = bdk.obo(username="alice")
            clients = ApiClientFactory(config)
            services = services_of(OboServiceFactory(clients, session, config))
            await check(pod, "alice", session, services, "on behalf of a user", BROKEN_ON_BEHALF[RELEASE])
            await clients.close_clients()


def services_of(factory):
    """The services that a factory makes, by name."""
    names = [name for name, _ in inspect.getmembers(factory, inspect.ismethod)]
    return {
        name.removeprefix("get_").removesuffix("_service"): getattr(factory, name)()
        for name in names
        if name.startswith("get_") and name.endswith("_service")
    }


async def check(pod, actor, session, services, whose, broken):
    """Calls each method of the services, writes the table, and fails if one fares otherwise than expected."""
    methods = {
        f"{service_name}.{name}": method
        for service_name, service in services.items()
        for name, method in inspect.getmembers(service, inspect.ismethod)
        if not name.startswith("_")
    }
    without_arguments = sorted(methods.keys() - CALLS.keys())
    assert not without_arguments, "methods of the BDK for which every_method.py has no arguments"

    token, _ = await session.session_token, await session.key_manager_token
    feed = call(pod, "POST", "/pod/v1/presence/feed/create", token)["id"]
    bob = next(user["id"] for user in control(pod, "GET", "/_mock/scenario")["users"] if user["username"] == "bob")
    call(pod, "POST", "/pod/v1/user/presence/register", token, [bob])
    as_person(pod, "bob", "presence", category="BUSY")
    world = World.of(control(pod, "GET", "/_mock/scenario"), actor, feed, began=int(time.time() * 1000))
    control(pod, "POST", "/_mock/snapshots", {"name": "arranged"})
    rows, wrong = [], []
    for name, arguments in CALLS.items():
        if not (method := methods.get(name.partition(":")[0])):
            continue
        control(pod, "POST", "/_mock/snapshots/arranged/restore")
        control(pod, "DELETE", "/_mock/requests")
        came = await outcome(method, arguments(world))
        journal = control(pod, "GET", "/_mock/requests")["requests"]
        requests = ", ".join(f"{request['method']} {request['operation']} {request['status']}" for request in journal)
        ends, reason = broken.get(name, ("answered", ""))
        if not came.startswith(ends):
            wrong.append(f"{name}: {came}, not {ends} ({requests or 'no request'})")
        rows.append((name, came.partition(":")[0], requests or "no request", reason))
    TABLES[f"symphony-bdk-python {RELEASE}, {whose}"] = rows
    assert not wrong, "\n" + "\n".join(wrong)
    assert not broken.keys() - {row[0] for row in rows}


async def outcome(method, arguments):
    """`answered`, or the exception; `nothing` where a method that promises something gave nothing."""
    try:
        result = method(*arguments)
        while inspect.isawaitable(result):
            result = await result
        if isinstance(result, AsyncIterable):
            result = [item async for item in result]
    except Exception as raised:
        return f"{type(raised).__name__}: {str(raised)[:300]}"
    promised = inspect.signature(method).return_annotation not in (None, inspect.Signature.empty)
    return "nothing" if promised and result in (None, [], "") else "answered"
