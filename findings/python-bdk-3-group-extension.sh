#!/usr/bin/env bash
# The group extension of symphony-bdk-python 3.0.0 cannot send a request.
#
# Its bearer token comes from a coroutine, which the generated client's synchronous update_params_for_auth runs by loop.run_until_complete()
# and, when that raises, by asyncio.run(): neither is possible inside the running loop that every call of the BDK comes from. So each method
# raises RuntimeError before a request for groups, or even for the token, leaves.
#
# Seen with symphony-bdk-python 3.0.0, pydantic 2.14.4, aiohttp 3.14.5:
#   RuntimeError: asyncio.run() cannot be called from a running event loop
#   requests sent: 0
. "$(dirname "$0")/lib.bash"
python_with symphony-bdk-python==3.0.0 pydantic==2.14.4 aiohttp==3.14.5
cat >"$scratch/groups.py" <<'PYTHON'
import asyncio, http.server, threading

from symphony.bdk.core.client.api_client_factory import ApiClientFactory
from symphony.bdk.core.config.model.bdk_config import BdkConfig
from symphony.bdk.ext.group import SymphonyGroupBdkExtension

requests = []


class Pod(http.server.BaseHTTPRequestHandler):
    def answer(self):
        requests.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Session:
    @property
    async def session_token(self):
        return "s"


async def main(port):
    config = BdkConfig(scheme="http", host="127.0.0.1", port=port, retry={"maxAttempts": 1})
    clients = ApiClientFactory(config)
    extension = SymphonyGroupBdkExtension()
    extension.set_api_client_factory(clients)
    extension.set_bot_session(Session())
    extension.set_config(config)
    try:
        await extension.get_service().list_groups()
        print("the call returns")
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    print(f"requests sent: {len(requests)}")
    await clients.close_clients()


pod = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pod)
threading.Thread(target=pod.serve_forever, daemon=True).start()
asyncio.run(main(pod.server_port))
PYTHON
seen=$("$python" -u -W ignore "$scratch/groups.py")
expect "RuntimeError: asyncio.run() cannot be called from a running event loop"
expect "requests sent: 0"
