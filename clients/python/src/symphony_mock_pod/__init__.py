"""A local Symphony pod for the tests of bots and apps.

With pytest there is nothing to set up: the fixture `pod` is a pod of the test's own. Without it, a `Server` is a context
manager:

    with Server.start() as server, server.pod("mine") as pod:
        pod.user("alice").send("Test Room", "hello")
"""

from .binary import BinaryNotFound, find_binary
from .bots import Bot
from .clock import Clock
from .control import ControlError
from .faults import Fault, Faults
from .journal import Request, Requests, Why
from .people import Answer, Person, SeenMessage, SentMessage
from .pod import Listener, Pod, Snapshot
from .server import Server, ServerError
from .units import Duration, Moment

__all__ = [
    "Answer",
    "BinaryNotFound",
    "Bot",
    "Clock",
    "ControlError",
    "Duration",
    "Fault",
    "Faults",
    "Listener",
    "Moment",
    "Person",
    "Pod",
    "Request",
    "Requests",
    "SeenMessage",
    "SentMessage",
    "Server",
    "ServerError",
    "Snapshot",
    "Why",
    "find_binary",
]
