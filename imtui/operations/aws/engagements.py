"""Engagements with their pages, receipts and resolutions as `ssm-contacts` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from imtui import services
from imtui.domain.errors import Conflict
from imtui.domain.text import cut as shortened
from imtui.operations.aws.pages import Place, answer, cut, place
from imtui.operations.aws.perform import Handler
from imtui.operations.aws.refusals import as_validation
from imtui.services.context import Context
from imtui.services.engaging import EngagementRecord, Words
from imtui.services.naming import engagement_arn
from imtui.services.pages import PageRecord, Receipt

SERVICE = "ssm-contacts"
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_MOST_INFO = 2048


async def _start_engagement(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    public = given.get("PublicSubject") or "", given.get("PublicContent") or ""
    words = Words(given["Subject"], given["Content"], *public)
    incident = given.get("IncidentId") or ""
    with as_validation("IncidentId", Conflict):
        arn = await services.engaging.start(context, given["ContactId"], given["Sender"], words, incident=incident)
    return {"EngagementArn": arn}


async def _stop_engagement(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    arn = await engagement_arn(context, given["EngagementId"])
    with as_validation("EngagementId", Conflict):
        await services.engagements.stop(context, arn, given.get("Reason") or "")
    return {}


async def _describe_engagement(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    found = await services.engaging.get(context, given["EngagementId"])
    return {**_shown(found), **_words(found.words)}


async def _list_engagements(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListEngagements", given)
    times = given.get("TimeRangeValue") or {}
    found = await services.engaging.page(
        context,
        incident=given.get("IncidentId") or "",
        since=times.get("StartTime"),
        until=times.get("EndTime"),
        after=_after(where),
        limit=where.limit + 1,
    )
    page, token = answer(found, where, lambda each: _key(each.started_at, each.id))
    return {"Engagements": [_shown(each) for each in page], "NextToken": token}


async def _describe_page(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    found = await services.pages.get(context, given["PageId"])
    return {**_shown_page(found), **_words(found.words)}


async def _list_pages_by_contact(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListPagesByContact", given)
    asked = given["ContactId"]
    found = await services.pages.by_contact(context, asked, after=_after(where), limit=where.limit + 1)
    return _shown_pages(found, where)


async def _list_pages_by_engagement(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListPagesByEngagement", given)
    asked = given["EngagementId"]
    found = await services.pages.by_engagement(context, asked, after=_after(where), limit=where.limit + 1)
    return _shown_pages(found, where)


async def _list_page_receipts(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListPageReceipts", given)
    found = await services.pages.receipts(context, given["PageId"])
    page, token = cut(found, where, lambda receipt: ((receipt.at - _EPOCH) // _MICROSECOND, receipt.key))
    return {"Receipts": [_shown_receipt(receipt) for receipt in page], "NextToken": token}


async def _list_page_resolutions(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    where = await place(context, SERVICE, "ListPageResolutions", given)
    found = list(enumerate(await services.pages.resolutions(context, given["PageId"])))
    page, token = cut(found, where, lambda numbered: numbered[0])
    shown = [{"ContactArn": each.contact_arn, "Type": each.type.value, "StageIndex": each.stage} for _, each in page]
    return {"PageResolutions": shown, "NextToken": token}


async def _accept_page(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    with as_validation("PageId", Conflict):
        await services.pages.accept(
            context,
            given["PageId"],
            given["AcceptCode"],
            read=given["AcceptType"] == "READ",
            channel=given.get("ContactChannelId"),
            note=given.get("Note") or "",
            check=given.get("AcceptCodeValidation") != "IGNORE",
        )
    return {}


def _key(at: datetime, id_: str) -> list[Any]:
    return [(at - _EPOCH) // _MICROSECOND, id_]


def _after(where: Place) -> tuple[datetime, str] | None:
    if where.after is None:
        return None
    at, id_ = where.after
    return _EPOCH + at * _MICROSECOND, id_


def _words(words: Words) -> dict[str, Any]:
    return {
        "Subject": words.subject,
        "Content": words.content,
        "PublicSubject": words.public_subject or None,
        "PublicContent": words.public_content or None,
    }


def _shown(found: EngagementRecord) -> dict[str, Any]:
    return {
        "EngagementArn": found.arn,
        "ContactArn": found.contact_arn,
        "Sender": found.sender,
        "IncidentId": found.incident_arn,
        "StartTime": found.started_at,
        "StopTime": found.stopped_at,
    }


def _shown_pages(found: Sequence[PageRecord], where: Place) -> dict[str, Any]:
    page, token = answer(found, where, lambda each: _key(each.created_at, each.id))
    return {"Pages": [_shown_page(each) for each in page], "NextToken": token}


def _shown_page(found: PageRecord) -> dict[str, Any]:
    return {
        "PageArn": found.arn,
        "EngagementArn": found.engagement_arn,
        "ContactArn": found.contact_arn,
        "Sender": found.sender,
        "IncidentId": found.incident_arn,
        "SentTime": found.sent_at,
        "DeliveryTime": found.delivered_at,
        "ReadTime": found.read_at,
    }


def _shown_receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "ContactChannelArn": receipt.channel_arn,
        "ReceiptType": receipt.type,
        "ReceiptInfo": shortened(receipt.info, _MOST_INFO) or None,
        "ReceiptTime": receipt.at,
    }


HANDLERS: Mapping[str, Handler] = {
    "AcceptPage": _accept_page,
    "DescribeEngagement": _describe_engagement,
    "DescribePage": _describe_page,
    "ListEngagements": _list_engagements,
    "ListPageReceipts": _list_page_receipts,
    "ListPageResolutions": _list_page_resolutions,
    "ListPagesByContact": _list_pages_by_contact,
    "ListPagesByEngagement": _list_pages_by_engagement,
    "StartEngagement": _start_engagement,
    "StopEngagement": _stop_engagement,
}
