#!/usr/bin/env bash
# symphony-bdk-python 3.0.0 raises when a datafeed is deleted as documented.
#
# The agent's API file says that DELETE /agent/v5/datafeeds/{id} answers 204 without a body. The generated client of 3.0.0 reads that answer
# as a V2Error, which has required fields, so the call raises pydantic's ValidationError although the feed is gone. The BDK deletes a feed
# that has gone stale before it makes a new one; the exception ends its datafeed loop. 2.11.4 takes the same answer.
#
# Seen with symphony-bdk-python 3.0.0, pydantic 2.14.4, aiohttp 3.14.5:
#   ValidationError: 1 validation error for V2Error
. "$(dirname "$0")/lib.bash"
python_with symphony-bdk-python==3.0.0 pydantic==2.14.4 aiohttp==3.14.5
cat >"$scratch/delete.py" <<'PYTHON'
import asyncio, http.server, threading

from symphony.bdk.gen.agent_api.datafeed_api import DatafeedApi
from symphony.bdk.gen.api_client import ApiClient
from symphony.bdk.gen.configuration import Configuration


class Agent(http.server.BaseHTTPRequestHandler):
    def do_DELETE(self):
        print("the agent answers 204")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


async def main(port):
    client = ApiClient(Configuration(host=f"http://127.0.0.1:{port}"))
    try:
        await DatafeedApi(client).delete_datafeed(datafeed_id="feed", session_token="s", key_manager_token="k")
        print("the client returns")
    except Exception as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}")
    await client.close()


agent = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Agent)
threading.Thread(target=agent.serve_forever, daemon=True).start()
asyncio.run(main(agent.server_port))
PYTHON
seen=$("$python" -u "$scratch/delete.py")
expect "the agent answers 204"
expect "ValidationError: 1 validation error for V2Error"
