"""What happened in the week before, the oldest first."""

from __future__ import annotations

from typing import Any, NamedTuple

from imtui.demo.team import ACCOUNT, REGION


class Past(NamedTuple):
    """An incident of the past: `hours` before now these alarms came in (of several, the steps concern the first).

    Each step is the minute after that, who, what, and its words; see `history`. `paged`: the engine pages somebody at
    the beginning. A drill is started by the person it names, from the plan that stands for the alarm, with a title.
    """

    hours: float
    alarms: tuple[str, ...]
    steps: tuple[tuple[Any, ...], ...]
    paged: bool = True
    drill: str = ""
    title: str = ""


def _quick(hours: float, alarm: str, who: str, after: float, text: str, took: float, *, closed: bool = False) -> Past:
    """Acknowledged before a second message had to go out, one note, and over; `closed`: a person ends it."""
    end: tuple[tuple[Any, ...], ...] = ((took - 0.5, who, "over"), (took, who, "resolve"))
    return Past(
        hours,
        (alarm,),
        ((after, who, "answer"), (took * 0.6, who, "note", text), *(end if closed else ((took, who, "over"),))),
    )


def _by_itself(hours: float, alarm: str, took: float, *, paged: bool = True) -> Past:
    """Over before anybody did anything."""
    return Past(hours, (alarm,), ((took, "", "over"),), paged)


_CHECKOUT_SUMMARY = """# Card payments were refused

Between 18:02 and 18:53 **one card payment in three** failed. Nobody was charged twice.

- the provider's new certificate was not in our trust store
- the second provider took over at 18:20
- `payments` 4289 carries the new certificate

```
openssl s_client -connect api.payments.example:443
verify error:num=20: unable to get local issuer certificate
```

The provider's notice: [status](https://status.payments.example/2291)"""

_ZONE_SUMMARY = """# One zone was slow

Three alarms within a minute, one cause: packets to zone *b* took 400 ms.

1. the load balancers left the zone by themselves
2. `index` needed a push: a replica had to be made primary by hand"""

_DEPLOYMENT = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:shop/carts"

WEEK: tuple[Past, ...] = (
    _quick(166.3, "query-latency-p99", "ana", 0.8, "One shard was rebuilding its index. Routed around it.", 34),
    _quick(161.0, "LoadIsLate", "dana", 1.4, "Waits for a lock of the month's report. Killed the report.", 22),
    _by_itself(158.2, "image-resize-errors", 11, paged=False),
    _quick(
        151.7,
        "login-errors",
        "ana",
        0.6,
        "Somebody tries passwords. The limit holds; blocked two networks.",
        48,
        closed=True,
    ),
    Past(
        145.9,
        ("payment-errors",),
        (
            (2, "", "tick"),
            (2.8, "ana", "answer"),
            (5, "ana", "note", "Provider refuses our TLS handshake since 18:02. Calling their hotline."),
            (9, "ana", "engage", "ben"),
            (9.1, "", "tick"),
            (10.5, "ben", "answer"),
            (17, "ben", "event", "Second provider takes all card payments."),
            (21, "ana", "link", "Provider's incident | https://status.payments.example/2291"),
            (50, "ana", "summary", _CHECKOUT_SUMMARY),
            (50.5, "", "over"),
            (51, "ana", "resolve"),
        ),
    ),
    _by_itself(141.4, "query-latency-p99", 1.5),
    _quick(139.5, "price-replica-lag", "ben", 1.1, "A backup ran on the replica. It is through.", 27),
    _by_itself(133.0, "mail-queue-age", 1.8),
    _quick(
        128.6, "StockDiffers", "chidi", 1.7, "Two returns were booked twice. Corrected by hand, ticket is written.", 64
    ),
    Past(
        121.1,
        ("index-shard-unassigned", "product-page-5xx", "price-replica-lag"),
        (
            (1.2, "ana", "answer"),
            (3, "ana", "note", "Three alarms, one page: all of them in zone b."),
            (12, "ana", "event", "Replica 2 of the index is primary now."),
            (30, "ana", "summary", _ZONE_SUMMARY),
            (33, "", "over"),
        ),
    ),
    _by_itself(115.8, "image-cdn-misses", 25, paged=False),
    _quick(110.0, "LoadIsLate", "dana", 0.9, "The nightly load waits for a lock again. Moved the report to 06:00.", 18),
    _quick(102.4, "product-page-5xx", "ana", 0.5, "Template of 4291 breaks on empty descriptions. Rolled back.", 16),
    _quick(97.3, "query-latency-p99", "ben", 1.6, "Reindexing at the wrong hour.", 40),
    Past(
        93.5,
        ("checkout",),
        (
            (0.9, "ana", "answer"),
            (4, "chidi", "note", "Drill: we page without the mail provider. Ana answered her phone after 54 s."),
            (9, "chidi", "event", "Mail provider switched on again."),
            (10, "chidi", "resolve"),
        ),
        drill="chidi",
        title="Checkout: can we page without mail?",
    ),
    _quick(
        86.2,
        "login-latency-p99",
        "ana",
        1.0,
        "Certificate of the gateway expires tonight; new one is in place.",
        18,
        closed=True,
    ),
    _by_itself(81.5, "index-refresh-lag", 1.2),
    Past(
        76.1,
        ("cart-write-errors",),
        (
            *((minute, "", "tick") for minute in (2, 3, 6, 8, 9, 14, 16, 17, 18)),
            (26, "", "again", "14"),
            (27, "dana", "take"),
            (28, "dana", "note", "Four people asleep, my phone was on mute. Taking it now, 27 minutes late."),
            (36, "dana", "event", "Table `carts` back to on-demand capacity."),
            (38, "dana", "link", f"Deployment of 21:40 | {_DEPLOYMENT}"),
            (44, "dana", "over"),
            (45, "dana", "resolve"),
        ),
    ),
    _quick(71.9, "image-resize-errors", "dana", 3, "A 90-megapixel picture. Limit is set.", 14)._replace(
        paged=False,
        steps=((4, "dana", "take"), (9, "dana", "note", "A 90-megapixel picture. Limit is set."), (14, "", "over")),
    ),
    _quick(
        66.4,
        "payment-latency-p99",
        "ana",
        0.7,
        "Cold cache after 4298 went out. Warm by itself after 6 min.",
        15,
        closed=True,
    ),
    _by_itself(62.7, "DiskIsFilling", 1.6),
    _quick(57.0, "price-replica-lag", "ben", 1.9, "Somebody's export. Asked them to use the third replica.", 31),
    _quick(50.3, "query-latency-p99", "ana", 0.4, "Same shard as on the first day. Ordered a bigger disk.", 23),
    _by_itself(47.8, "image-cdn-misses", 38, paged=False),
    _quick(
        43.6,
        "session-store-latency",
        "ana",
        1.3,
        "Hot key: one robot with 4 million sessions. Blocked.",
        29,
        closed=True,
    ),
    _quick(38.1, "LoadIsLate", "dana", 1.8, "Disk of the loader is full; moved the old files.", 46),
    _by_itself(33.9, "product-page-5xx", 1.1),
    _quick(
        29.5, "login-errors", "ben", 0.9, "The app store's check-up with its test account. No harm.", 12, closed=True
    ),
    _quick(24.2, "StockDiffers", "chidi", 1.5, "Inventory in hall 3; expected. Silenced until Thursday.", 20),
    _by_itself(21.0, "mail-bounces", 1.9),
    _quick(15.4, "index-refresh-lag", "ana", 1.7, "Reindexing at the wrong hour again. Moved the job to 05:00.", 40),
    _quick(9.8, "payment-errors", "ben", 1.2, "The bank's maintenance, announced for 04:00 to 04:20.", 24, closed=True),
    _by_itself(6.1, "image-resize-errors", 9, paged=False),
    Past(
        2.4,
        ("image-cdn-misses",),
        ((20, "chidi", "note", "Logo was changed, caches fill again. Looking at noon."),),
        paged=False,
    ),
    Past(
        1.3,
        ("query-latency-p99",),
        (
            (1.1, "ana", "answer"),
            (6, "ana", "note", "p99 at 2.1 s, target is 0.8 s. Shard 7 again; its disk is too small."),
            (11, "ana", "tags", "shard=7", "ticket=SHOP-1182"),
            (14, "ana", "link", "Ticket: bigger disk | https://tickets.shop.example/SHOP-1182"),
            (15, "ana", "event", "Shard 7 gets no new documents until the disk is there."),
            (
                16,
                "ana",
                "summary",
                "# Search is slow, not broken\n\n- results are right, **one query in 100** takes over 2 s\n"
                "- shard 7 is on the old disk: `iostat` says 98 % busy\n"
                "- the new one comes [today](https://tickets.shop.example/SHOP-1182)",
            ),
        ),
    ),
    Past(0.2, ("mail-queue-age",), tuple((minute, "", "tick") for minute in (2, 3))),
)
