"""A small team with an escalation under way, whose pages go to a gateway on this machine."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.incidents import context_of, fill
from imtui import services

TITLE = "Nobody can pay"
_PERSON = """
  {id}:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: {alias}
      DisplayName: {name}
      Type: PERSONAL
      Plan:
        - DurationInMinutes: 20
          Targets: [{{ChannelTargetInfo: {{ChannelId: !Ref {id}Mobile, RetryIntervalInMinutes: 10}}}}]
  {id}Mobile:
    Type: AWS::SSMContacts::ContactChannel
    Properties:
      ContactId: !Ref {id}
      ChannelName: mobile
      ChannelType: SMS
      ChannelAddress: "+4915100000001"
"""
_PLANS = """
  Nights:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: nights
      DisplayName: Nights
      Type: ESCALATION
      Plan:
        - DurationInMinutes: 30
          Targets: [{ContactTargetInfo: {ContactId: !Ref Ana, IsEssential: true}}]
        - DurationInMinutes: 30
          Targets: [{ContactTargetInfo: {ContactId: !Ref Ben, IsEssential: true}}]
  Pay:
    Type: AWS::SSMIncidents::ResponsePlan
    Properties:
      Name: pay
      IncidentTemplate: {Title: "Pay:", Impact: 1, Summary: "Customers cannot pay."}
      Engagements: [!Ref Nights]
"""


def prepare(database: Path, count: int = 200) -> None:
    """Fill a database, and start an incident on top of it that pages one person now and another in half an hour."""
    fill(database, count)
    asyncio.run(_start(database))


def codes(database: Path) -> list[str]:
    """The codes by which pages can be acknowledged."""
    with closing(sqlite3.connect(database)) as connection:
        return [code for (code,) in connection.execute("SELECT code FROM messages WHERE code IS NOT NULL")]


@contextmanager
def gateway() -> Iterator[str]:
    """A gateway for text messages that takes every one; the configuration that names it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Taking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f'[sms]\nurl = "http://127.0.0.1:{server.server_address[1]}/sms"\n'
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


async def _start(database: Path) -> None:
    people = (("Ana", "ana", "Ana Duarte"), ("Ben", "ben", "Ben Okafor"))
    template = "Resources:" + "".join(_PERSON.format(id=id_, alias=alias, name=name) for id_, alias, name in people)
    context = await context_of(database, "ben")
    try:
        await services.configuration.apply(context, [("team.yaml", template + _PLANS)])
        # Channels of a template have to be activated by their people; here they are.
        async with context.database.write(context.now()) as unit:
            from storage import tables as t

            await unit.run(t.channels.update().values(activated=True))
        await services.incidents.start(context, "pay", title=TITLE)
    finally:
        await context.database.close()
