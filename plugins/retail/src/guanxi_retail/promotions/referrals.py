"""Members who bring friends: who brought whom, the sets sold to them, and the reward for each (RET-14)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import attrs

from guanxi import Conflict, Decision, Facet, Fact, Label, Now, RuleNotMet, To, Unknown
from guanxi_retail.membership.membership import Membership, membership
from guanxi_retail.points.points import lot_of
from guanxi_retail.promotions.commands import (
    ChooseReferralReward,
    NoteFriend,
    NoteFriendsReturn,
    NoteFriendsSets,
    RecordReferral,
    SoldSet,
)
from guanxi_retail.promotions.events import (
    FriendBoughtSet,
    FriendReferred,
    FriendReturnedSet,
    ReferralRecorded,
    ReferralRewardChosen,
    VoucherCancelled,
    VoucherIssued,
    voucher_of,
)
from guanxi_retail.promotions.rules import ReferralRules, VoucherRules
from guanxi_retail.promotions.vouchers import Vouchers, vouchers
from guanxi_retail.purchases.events import PurchaseRecorded, PurchaseRefunded
from guanxi_retail.purchases.purchases import Purchases, Sale, purchases

REFERRAL = "RET-14"
GIFT = "gift"
"""The cause by which a gift ends the voucher that it is chosen in place of."""

Set = tuple[str, str]
"""A friend, by the id of their file, and a set sold to them."""


@attrs.define
class Referrals:
    """Who brought this customer, and whom this customer brought.

    Args:
        referrer: account number of the member who brought this customer.
        referred_at: when.
        friends: who was brought, by the ids of their files.
        sets: sets sold to friends, with what was spent on each.
        returned: sets that friends gave back.
        gifts: sets for which a gift was chosen.
    """

    referrer: str | None = None
    referred_at: datetime | None = None
    friends: set[str] = attrs.field(factory=set)
    sets: dict[Set, Decimal] = attrs.field(factory=dict)
    returned: set[Set] = attrs.field(factory=set)
    gifts: set[Set] = attrs.field(factory=set)


referrals = Facet(
    "retail.referrals",
    Referrals,
    reads=(purchases, vouchers, membership),
    title=Label("Referrals", "老带新"),
)


def sets_of(event: PurchaseRecorded, rules: ReferralRules) -> Iterator[SoldSet]:
    """Yield the sets of a receipt with the money spent on each; the difference of an exchange is none (RET-14).

    Args:
        event: the receipt.
        rules: which products are sets.
    """
    if not event.is_occasion:
        return
    for line in event.each_line:
        if not rules.sets or line.product in rules.sets:
            number = lot_of(event.receipt, line.number if event.lines else None)
            yield SoldSet(number=number, spent=line.paid)


def sets_returned(event: PurchaseRefunded, sale: Sale, rules: ReferralRules) -> Iterator[str]:
    """Yield the sets of a receipt that come back whole with a refund.

    Args:
        event: the refund.
        sale: the purchase, as it stood before.
        rules: which products are sets.
    """
    for back in event.each_line:
        line = sale.lines.get(back.number)
        if line is None or line.refunded_net + back.net < line.net:
            continue
        if not rules.sets or (line.what is not None and line.what.product in rules.sets):
            yield lot_of(event.receipt, None if line.what is None else back.number)


# What changes it


@referrals.evolve
def _brought(s: Referrals, e: ReferralRecorded, at: datetime) -> None:
    if s.referrer is None:
        s.referrer, s.referred_at = e.referrer, at


@referrals.evolve
def _brings(s: Referrals, e: FriendReferred) -> None:
    s.friends.add(e.friend)


@referrals.evolve
def _bought(s: Referrals, e: FriendBoughtSet) -> None:
    s.sets[e.friend, e.number] = e.spent


@referrals.evolve
def _gave_back(s: Referrals, e: FriendReturnedSet) -> None:
    s.returned.add((e.friend, e.number))


@referrals.evolve
def _chosen(s: Referrals, e: ReferralRewardChosen) -> None:
    if e.choice == GIFT:
        s.gifts.add((e.friend, e.number))
    else:
        s.gifts.discard((e.friend, e.number))


# What may be asked


@referrals.decide
def _record(s: Referrals, c: RecordReferral, now: Now) -> Iterator[Fact | To]:
    now.require(
        now.other != now.stream,
        "self_referral",
        "RET-14",
        "nobody brings themselves",
        zh="不能推荐本人",
        accepts="another member",
    )
    if s.referrer is not None:
        raise Conflict(
            "already_referred",
            f"{s.referrer} brought this customer",
            zh=f"该客户已由 {s.referrer} 推荐",
            rule="RET-14",
            accepts="the first referrer on record counts",
        )
    now.require(
        not _bought_before(now.of(Purchases), now.at),
        "friend_not_new",
        "RET-14",
        "this customer bought before",
        zh="该客户此前已有消费",
        accepts="a customer without an earlier purchase",
    )
    yield ReferralRecorded(referrer=c.referrer, card=c.card, occasion=c.occasion)
    if now.other != now.stream:
        yield To(c.referrer, NoteFriend(friend=now.stream))


@referrals.decide
def _friend(s: Referrals, c: NoteFriend, now: Now) -> Iterator[Fact]:
    now.require(
        now.of(Membership).is_member,
        "referrer_not_member",
        "RET-14",
        f"{now.subject} holds no member card",
        zh=f"{now.subject} 没有会员卡",
        accepts="a cardholder",
    )
    yield FriendReferred(friend=c.friend)


@referrals.decide
def _sets_sold(s: Referrals, c: NoteFriendsSets, now: Now) -> Iterator[Fact]:
    if c.friend in s.friends:
        for one in c.sets:
            yield FriendBoughtSet(friend=c.friend, receipt=c.receipt, number=one.number, spent=one.spent)


@referrals.decide
def _sets_returned(s: Referrals, c: NoteFriendsReturn, now: Now) -> Iterator[Fact]:
    for number in c.numbers:
        if (c.friend, number) in s.sets:
            yield FriendReturnedSet(friend=c.friend, number=number, refund=c.refund)


@referrals.decide
def _choose(s: Referrals, c: ChooseReferralReward, now: Now) -> Iterator[Fact]:
    friend = now.other or ""
    if (friend, c.number) not in s.sets:
        raise Unknown(
            "unknown_set",
            f"no set {c.number} was sold to {c.friend} whom this member brought",
            zh=f"没有售予 {c.friend} 的套装 {c.number}",
            rule="RET-14",
            accepts=", ".join(number for of, number in s.sets if of == friend),
        )
    if c.choice == "cash":
        raise RuleNotMet(
            "not_cashable",
            "a reward is a voucher or a gift, never money",
            zh="奖励为礼券或礼品，不兑现",
            rule="RET-14",
            accepts="voucher or gift",
        )
    voucher = now.of(Vouchers).held.get(voucher_of(REFERRAL, friend, c.number))
    if c.choice == GIFT and voucher is not None and voucher.used:
        raise Conflict(
            "voucher_used",
            f"the voucher for set {c.number} was used",
            zh=f"套装 {c.number} 的券已使用",
            rule="RET-14",
            accepts="a gift in place of a voucher that was not used",
        )
    yield ReferralRewardChosen(friend=friend, number=c.number, choice=c.choice)


def _bought_before(s: Purchases, at: datetime) -> bool:
    return any(sale.at < at for sale in s.sales.values())


# What must hold


@referrals.holds("RET-14", "friend_not_new")
def _was_new(s: Referrals, e: ReferralRecorded, now: Now) -> bool:
    return not _bought_before(now.of(Purchases), now.at)


# What follows


@referrals.react("RET-14")
def _set_is_rewarded(s: Referrals, e: FriendBoughtSet, now: Now) -> Iterator[Decision]:
    if (e.friend, e.number) not in s.gifts:
        yield _reward(e.friend, e.number, e.spent, now)


@referrals.react("RET-14")
def _choice_counts(s: Referrals, e: ReferralRewardChosen, now: Now) -> Iterator[Decision]:
    of_friend = e.friend, e.number
    key = voucher_of(REFERRAL, e.friend, e.number)
    voucher = now.of(Vouchers).held.get(key)
    standing = voucher if voucher is not None and voucher.unfounded is None else None
    if e.choice == GIFT:
        if standing is not None and not standing.used:
            yield VoucherCancelled(cause=GIFT, voucher=key, value=standing.value, way="cancelled")
    elif standing is None and of_friend in s.sets and of_friend not in s.returned:
        yield _reward(e.friend, e.number, s.sets[of_friend], now)


@referrals.react("RET-14")
def _returned_set_is_not(s: Referrals, e: FriendReturnedSet, now: Now) -> Iterator[Decision]:
    key = voucher_of(REFERRAL, e.friend, e.number)
    voucher = now.of(Vouchers).held.get(key)
    if voucher is None or voucher.unfounded is not None:
        return
    if voucher.used:
        yield VoucherCancelled(cause=e.refund, voucher=key, value=voucher.used, way="paid_out")
    else:
        yield VoucherCancelled(cause=e.refund, voucher=key, value=voucher.value, way="cancelled")


def _reward(friend: str, number: str, spent: Decimal, now: Now) -> VoucherIssued:
    rules = now.rules(ReferralRules)
    return VoucherIssued(
        rule=REFERRAL,
        cause=friend,
        step=number,
        kind="referral",
        face=rules.reward(spent),
        valid_days=now.rules(VoucherRules).valid_days,
        base=spent,
        threshold=rules.reached(spent),
        min_spend=rules.min_spend,
        areas=rules.areas,
        brands=rules.brands,
    )
