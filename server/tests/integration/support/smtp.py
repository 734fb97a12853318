"""A real SMTP server for the tests (aiosmtpd). Prints its port, then each message that it was given as a line of JSON.

It ends when its standard input does, so that none is left behind.
"""

import argparse
import asyncio
import base64
import email
import email.policy
import json
import sys

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self, arguments):
        self.hold = arguments.hold
        self.fail = arguments.fail
        self.refuse = arguments.refuse

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == self.refuse:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "text": message.get_body(("plain",)).get_content(),
            "attachments": [
                {
                    "name": part.get_filename(),
                    "type": part.get_content_type(),
                    "bytes": base64.b64encode(part.get_payload(decode=True)).decode(),
                }
                for part in message.iter_attachments()
            ],
            "raw": envelope.content.decode("utf-8", "replace"),
        }
        print(json.dumps(line), flush=True)
        if self.fail > 0:
            self.fail -= 1
            return "451 come back later"
        if self.hold:
            # Taken, perhaps; the sender never hears of it.
            await asyncio.sleep(3600)
        return "250 taken"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hold", action="store_true", help="never answer once a message was given")
    parser.add_argument("--fail", type=int, default=0, help="how many messages are refused for now")
    parser.add_argument("--refuse", help="an address that there is not")
    handler = Handler(parser.parse_args())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    sys.exit(0)


asyncio.run(main())
