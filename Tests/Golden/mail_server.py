"""A mail server on this machine whose mailboxes behave as they are called, for the tests of letters.

Prints one line of JSON with its ports, keeps every letter it accepts in the folder given as its first argument, and ends
when its standard input does. Needs aiosmtpd (Debian: python3-aiosmtpd); the second and third arguments are a certificate
and its key.
"""

import asyncio
import collections
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder, certificate, key = sys.argv[1:4]
attempts = collections.Counter()
letters = []


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        attempts[address] += 1
        if name.startswith("refuse"):
            return "550 5.1.1 no such mailbox"
        if name.startswith("later"):
            return "451 4.7.1 greylisted, come back"
        if name.startswith("once") and attempts[address] == 1:
            return "451 4.7.1 greylisted, come back"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name.startswith("hang"):
            await asyncio.sleep(30)
            return "451 slept well"
        if name.startswith("spam"):
            return "554 5.7.1 looks like spam, ada:correct horse"
        place = os.path.join(folder, f"{len(letters):04}")
        with open(place + ".eml", "wb") as file:
            file.write(envelope.original_content)
        letters.append(
            {
                "file": place + ".eml",
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "tls": server.transport.get_extra_info("sslcontext") is not None,
                "user": session.auth_data.decode() if session.auth_data else None,
            }
        )
        with open(os.path.join(folder, "letters.part"), "w") as file:
            json.dump(letters, file)
        os.replace(os.path.join(folder, "letters.part"), os.path.join(folder, "letters.json"))
        # Accepted, but nobody hears of it.
        if name.startswith("lost") and attempts[envelope.rcpt_tos[0]] == 1:
            server.transport.abort()
        return "250 2.0.0 accepted"


class Server(SMTP):
    async def smtp_DATA(self, arg):
        if any(name.startswith("drop") for name in self.envelope.rcpt_tos):
            await self.push("354 go on")
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def login(server, session, envelope, mechanism, data):
    right = data.login == b"ada" and data.password == b"correct horse"
    return AuthResult(success=right, handled=True if right else False, auth_data=data.login)


async def main():
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    kinds = {
        "plain": (dict(), None),
        "login": (dict(authenticator=login, auth_require_tls=False, auth_required=True), None),
        "starttls": (
            dict(tls_context=context, require_starttls=True, authenticator=login, auth_required=True),
            None,
        ),
        "smtps": (dict(), context),
    }
    ports = {}
    for name, (options, implicit) in kinds.items():
        server = await loop.create_server(
            lambda options=options: Server(Handler(), hostname="mail.test", **options),
            "127.0.0.1",
            0,
            ssl=implicit,
        )
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
