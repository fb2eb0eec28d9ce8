#!/usr/bin/env bash
# Two methods of symphony-bdk-python 2.11.4 do not fit the generated clients that they call.
#
# UserService.list_roles calls SystemApi.v1_admin_system_roles_list_get, which the generated SystemApi does not have: the call raises
# AttributeError and no request leaves. MessageService.search_messages takes `.value` of the answer, and a search without hits is answered
# by 204, as the API file says, for which the generated client gives None: AttributeError again.
#
# Seen with symphony-bdk-python 2.11.4, aiohttp 3.14.5:
#   list_roles: AttributeError: 'SystemApi' object has no attribute 'v1_admin_system_roles_list_get'
#   search_messages: AttributeError: 'NoneType' object has no attribute 'value'
. "$(dirname "$0")/lib.bash"
python_with symphony-bdk-python==2.11.4 aiohttp==3.14.5
cat >"$scratch/lists.py" <<'PYTHON'
import asyncio, http.server, threading
from unittest.mock import Mock

from symphony.bdk.core.config.model.bdk_retry_config import BdkRetryConfig
from symphony.bdk.core.service.message.message_service import MessageService
from symphony.bdk.core.service.user.user_service import UserService
from symphony.bdk.gen.agent_api.messages_api import MessagesApi
from symphony.bdk.gen.agent_model.message_search_query import MessageSearchQuery
from symphony.bdk.gen.api_client import ApiClient
from symphony.bdk.gen.configuration import Configuration
from symphony.bdk.gen.pod_api.system_api import SystemApi


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Session:
    @property
    async def session_token(self):
        return "s"

    key_manager_token = session_token


async def show(name, call):
    try:
        await call
        print(f"{name}: returns")
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")


async def main(port):
    client = ApiClient(Configuration(host=f"http://127.0.0.1:{port}"))
    retry = BdkRetryConfig({"maxAttempts": 1})
    users = UserService(Mock(), Mock(), Mock(), SystemApi(client), Session(), retry, "")
    messages = MessageService(
        MessagesApi(client), Mock(), Mock(), Mock(), Mock(), Mock(), Mock(), Session(), retry
    )
    await show("list_roles", users.list_roles())
    await show("search_messages", messages.search_messages(MessageSearchQuery(hashtag="nothing")))
    await client.close()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
asyncio.run(main(server.server_port))
PYTHON
seen=$("$python" -u "$scratch/lists.py")
expect "list_roles: AttributeError: 'SystemApi' object has no attribute 'v1_admin_system_roles_list_get'"
expect "search_messages: AttributeError: 'NoneType' object has no attribute 'value'"
