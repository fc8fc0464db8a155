"""Contacts from the shell: who can be reached, their tags, test pages, and the card for address books."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.commands.test_shell import Shell, one_line, shell

__all__ = ["shell"]

TEAM = """
Resources:
  Ana:
    Type: AWS::SSMContacts::Contact
    Properties:
      Alias: ana
      DisplayName: Ana
      Type: PERSONAL
      Plan: [{DurationInMinutes: 5, Targets: [{ChannelTargetInfo: {ChannelId: !Ref Mobile}}]}]
  Mobile:
    Type: AWS::SSMContacts::ContactChannel
    Properties: {ContactId: !Ref Ana, ChannelName: mobile, ChannelType: SMS, ChannelAddress: "+4915100000001"}
"""

CONFIGURATION = """
[email]
smtp = "smtp://127.0.0.1:1025"
from = "incidents@example.com"

[sms]
url = "http://127.0.0.1:9001/sms"
from = "+49 151 999 999 99, 12345"

[voice]
url = "http://127.0.0.1:9001/voice"
from = "+4915199999999"
"""


def test_a_channel_from_its_code_to_its_test_and_its_end(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text(TEAM)
    assert shell("apply", "people.yaml").returncode == 0
    assert "0 of 1 activated: NEVER PAGED" in shell("contacts", "list").stdout
    assert "not activated: never paged" in shell("channel", "list", "ana").stdout
    assert "is not activated" in one_line(shell("channel", "test", "ana", "mobile"), 1)
    with closing(sqlite3.connect(tmp_path / "imtui.db")) as database:
        code = database.execute("SELECT activation_code FROM channels").fetchone()[0]
    assert shell("channel", "activate", "ana", "mobile", code).returncode == 0
    assert "1 of 1 activated" in shell("contacts", "list").stdout
    assert "a test page goes to mobile" in shell("channel", "test", "ana", "mobile").stdout
    assert "not paged any more" in shell("channel", "deactivate", "ana", "mobile").stdout
    assert "mobile is not activated, so it is never paged" in shell("doctor").stdout


def test_tags_are_set_and_taken_off(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text(TEAM)
    shell("apply", "people.yaml")
    assert shell("contacts", "tag", "ana", "team=shop", "site=b").stdout == "site=b\nteam=shop\n"
    assert shell("contacts", "tag", "ana", "site-").stdout == "team=shop\n"
    assert json.loads(shell("contacts", "list", "--json").stdout)[0]["tags"] == {"team": "shop"}
    assert "no contact" in one_line(shell("contacts", "tag", "ben", "a=b"), 1)


def test_the_card_names_what_pages_come_from(shell: Shell, tmp_path: Path) -> None:
    assert "names no sender" in one_line(shell("contacts", "vcard"), 1)
    (tmp_path / "config.toml").write_text(CONFIGURATION)
    lines = shell("contacts", "vcard").stdout.splitlines()
    assert (lines[0], lines[-1]) == ("BEGIN:VCARD", "END:VCARD")
    assert "TEL;TYPE=WORK,VOICE,MSG:+4915199999999" in lines
    assert "TEL;TYPE=WORK,MSG:12345" in lines
    assert "EMAIL;TYPE=INTERNET:incidents@example.com" in lines
    assert shell("contacts", "vcard", "--output", "pages.vcf").stdout == "the card is written to pages.vcf\n"
    assert (tmp_path / "pages.vcf").read_bytes() == "".join(line + "\r\n" for line in lines).encode()
    (tmp_path / "pages.vcf").write_text("mine")
    assert "is there already" in one_line(shell("contacts", "vcard", "--output", "pages.vcf"), 1)
    assert (tmp_path / "pages.vcf").read_text() == "mine"
    assert "cannot be written" in one_line(shell("contacts", "vcard", "--output", os.devnull + "/x"), 1)
