"""The truth the made-up clinics are generated from: every planted parameter, its meaning and its unit.

Whoever tests an estimate against the clinic compares it with these numbers. They are written into
``truth.json`` beside the tables, together with each client's traits.
"""

from __future__ import annotations

from dataclasses import dataclass, field

START = "2021-07-01"
"""First day of the tables."""
AS_OF = "2025-06-30"
"""Last complete day of the tables."""
CLASS_DATES = ("2023-06-30", "2024-06-30", "2025-06-30")
"""Days for which every client's true class is given."""
PLACES = ("North", "Centre", "River")
CATEGORIES = ("hygiene", "therapy", "surgery", "prosthetics", "orthodontics", "implants", "aesthetics")
"""Categories a visit is made for; the other categories of products are added to a visit."""
PAID_CHANNELS = ("search", "social", "outdoor", "leaflets")
CHANNELS = (*PAID_CHANNELS, "referral", "walk_in")
CLASSES = ("VIP", "A", "B", "C", "D")
TASTES = ("discount", "attention", "both", "neither")


@dataclass(frozen=True)
class Purchase:
    """How often clients book and how much they spend at a visit."""

    value_median: float = 390.0
    """Median yearly spend at full trust, EUR."""
    value_sigma: float = 1.22
    """Standard deviation of the logarithm of the yearly spend at full trust."""
    rate_at_median: float = 2.0
    """Bookings a year at full trust of a client of median value."""
    rate_elasticity: float = 0.30
    """Share of the (log) difference in value that shows in the booking rate; the rest shows in spend per
    visit."""
    rate_sigma: float = 0.35
    """Standard deviation of the logarithm of the booking rate, given value."""
    spend_shape: float = 2.2
    """Shape of the gamma distribution of the main line of a visit around the client's mean."""
    trust_on_rate: float = 0.45
    """Booking rate is multiplied by trust to this power."""
    trust_on_spend: float = 0.55
    """Spend per visit is multiplied by trust to this power (together: trust is the share of the value
    realised)."""
    yearly_price_rise: float = 0.04
    """Rise of all prices and costs on each 1 January."""
    price_width: float = 0.38
    """How far (in logs) the list price of the treatment chosen lies from the money the visit is going to
    cost."""
    most_bookings: float = 24.0
    """Largest booking rate at full trust, a year."""
    place_shares: tuple[float, float, float] = (0.30, 0.42, 0.28)
    """Shares of clients who usually come to each of the PLACES."""
    category_taste: tuple[float, ...] = (2.6, 2.2, 0.8, 0.7, 0.5, 0.35, 0.7)
    """Median liking of each of the CATEGORIES."""
    preference_sigma: float = 0.8
    """Standard deviation of the logarithm of a client's liking of each category."""
    loyalty_discount_share: tuple[float, float] = (0.08, 0.40)
    """Share of visits at which 5 or 10 % is taken off: clients who do not, and who do, react to discounts."""
    return_share_goods: float = 0.035
    """Share of goods lines that are returned within 3 weeks."""
    refund_share: float = 0.004
    """Share of treatment lines that are refunded in full within 3 weeks."""
    walk_ins_per_week: float = 3.2
    """Sales of goods without a client, per week, all clinics together."""


@dataclass(frozen=True)
class Trust:
    """The share of the potential that is realised, 0 to 1, and how it moves."""

    shape_a: float = 1.4
    shape_b: float = 0.95
    """Trust at the beginning is Beta(shape_a, shape_b)."""
    existing_more: float = 0.4
    """What the clients who are there when the tables begin have more in shape_a: others have left before."""
    gain_rate: float = 0.10
    """Rate a year at which a client whose trust is below `gain_below` begins to trust more."""
    gain_below: float = 0.60
    loss_rate: float = 0.04
    """Rate a year at which a client whose trust is above `loss_above` begins to trust less."""
    loss_above: float = 0.45
    step: float = 0.35
    """How far trust moves in one such change."""
    step_weeks: int = 20
    """How long the change takes."""


@dataclass(frozen=True)
class Growth:
    """Episodes in which a client's visits and the range they buy rise."""

    entry_rate: float = 0.30
    """Episodes begun a year by a client who is not in one."""
    exit_rate: float = 0.85
    """Episodes ended a year by a client who is in one."""
    new_client_share: float = 0.18
    """Share of new clients who are in an episode when they come; of existing ones: the long-run share."""
    jump: float = 0.7
    """Rise of log(value) at the beginning of an episode."""
    slope: float = 1.1
    """Rise of log(value) in a year of an episode."""
    ceiling: float = 1.8
    """Largest rise of log(value)."""
    decay_rate: float = 1.6
    """Share of the rise that is lost in a year after the episode (continuous rate)."""
    beginning: float = 0.25
    """Mean rise left over from earlier episodes that existing clients begin with (gamma with shape 0.5)."""
    inquiries: float = 1.8
    """Calls a year with inquiries during an episode."""
    inquiry_minutes: float = 6.0
    """Mean length of such a call; gamma with shape 3."""
    share_on_rate: float = 0.7
    """Share of the rise that shows in the booking rate; the rest shows in spend per visit."""


@dataclass(frozen=True)
class Demand:
    """Staff time that clients take."""

    demanding_share: float = 0.20
    """Share of clients who take more time than others."""
    usual_minutes: float = 0.76
    demanding_minutes: float = 2.2
    """Median time at the chair as a multiple of the standard working time of what was done."""
    minutes_sigma: float = 0.16
    """Standard deviation of the logarithm of that multiple between clients."""
    visit_sigma: float = 0.12
    """The same between visits of one client."""
    usual_calls: float = 0.2
    demanding_calls: float = 1.6
    """Calls a year that a client makes with questions and complaints."""
    call_minutes: float = 30.0
    """Mean length of such a call; the length is gamma with shape 3."""
    no_show_minutes: int = 15
    """Idle staff time after a no-show."""
    cancel_minutes: int = 4
    """Staff time for a cancelled or moved appointment."""


@dataclass(frozen=True)
class DropOut:
    """Yearly hazard of leaving for good, from the first booking on; those who left never come back."""

    by_trust: tuple[float, float, float] = (0.34, 0.17, 0.08)
    """Hazard a year of clients with low (< 0.4), middle and high (>= 0.7) trust."""
    trust_edges: tuple[float, float] = (0.4, 0.7)
    by_channel: dict[str, float] = field(
        default_factory=lambda: {
            "search": 1.0,
            "social": 1.35,
            "outdoor": 1.1,
            "leaflets": 1.6,
            "referral": 0.65,
            "walk_in": 0.95,
        }
    )
    """Multiple of the hazard by source channel."""


@dataclass(frozen=True)
class Season:
    """Planted calendar effects."""

    company: tuple[float, ...] = (0.96, 0.98, 1.10, 1.07, 1.02, 0.92, 0.84, 0.80, 1.04, 1.12, 1.10, 1.05)
    """Number of appointments by month, January first, mean 1."""
    client_shares: tuple[float, float, float] = (0.28, 0.22, 0.50)
    """Shares of winter clients, summer clients and clients without a season of their own."""
    client_amplitude: float = 0.65
    """Winter (summer) clients' rate is multiplied by 1 + amplitude x cosine with its top in mid January
    (July)."""
    category: dict[str, tuple[float, ...]] = field(
        default_factory=lambda: {
            "hygiene": (0.9, 0.95, 1.2, 1.2, 1.1, 0.9, 0.8, 0.85, 1.1, 1.1, 1.0, 0.9),
            "therapy": (1.1, 1.05, 1.0, 0.95, 0.9, 0.9, 0.95, 1.0, 1.0, 1.05, 1.05, 1.05),
            "surgery": (1.3, 1.3, 1.1, 1.0, 0.8, 0.65, 0.6, 0.65, 0.95, 1.15, 1.25, 1.25),
            "prosthetics": (1.2, 1.1, 1.0, 0.95, 0.9, 0.8, 0.8, 0.85, 1.0, 1.1, 1.15, 1.15),
            "orthodontics": (0.8, 0.8, 0.85, 0.9, 0.9, 1.0, 1.25, 1.6, 1.3, 0.95, 0.85, 0.8),
            "implants": (1.25, 1.2, 1.1, 1.0, 0.85, 0.7, 0.65, 0.7, 1.0, 1.2, 1.2, 1.15),
            "aesthetics": (0.6, 0.7, 0.9, 1.2, 1.6, 1.7, 1.4, 0.9, 0.7, 0.7, 0.7, 0.9),
        }
    )
    """Weight of a category in the choice of what a visit is for, by month."""
    saturday_weight: float = 0.6
    """Share of the appointments falling on a Saturday that stay there; the rest moves into the next
    working week."""
    holiday_lost: float = 0.5
    """Share of the appointments falling on a holiday that are lost; the rest moves to the next open day."""
    promotion_weeks: int = 2
    promotion_months: tuple[int, int] = (5, 11)
    """Whitening weeks begin on the second Monday of these months."""
    promotion_bookings: float = 1.15
    """Multiple of the number of appointments in these weeks."""
    promotion_weight: float = 2.2
    """Multiple of the weight of aesthetics in these weeks."""
    promotion_discount: int = 20
    """Percent off aesthetics in these weeks."""
    elsewhere: float = 0.05
    """Share of appointments at another clinic than the client's own."""
    renovation: tuple[str, str, str] = ("River", "2023-08-07", "2023-08-27")
    """A clinic is closed from ... to ..."""
    renovation_moved: float = 0.6
    """Share of its appointments that are taken over by Centre; the rest is lost."""


@dataclass(frozen=True)
class NoShow:
    """Probability that an appointment which was not cancelled is missed: logistic in what was known at
    booking."""

    intercept: float = -3.75
    log_lead: float = 0.62
    """Coefficient of log(1 + days from booking to appointment)."""
    past_share: float = 3.5
    """Coefficient of the client's earlier no-shows / (earlier visits and no-shows + `past_prior`)."""
    past_prior: float = 3.0
    first_visit: float = 0.35
    """Coefficient of the first appointment of a new client."""
    confirmation_call: float = -0.55
    """Coefficient of a confirmation call (log odds ratio)."""
    cancelled: tuple[float, float] = (0.20, -0.17)
    """Probability of a cancellation: intercept and slope on trust; demanding clients add
    `cancelled_demanding`."""
    cancelled_demanding: float = 0.12
    rebooked_after_no_show: float = 0.45
    rebooked_after_cancellation: float = 0.65
    """Share booked anew in the week after the missed (cancelled) appointment."""
    lead_median: float = 7.0
    """Median days from booking to appointment."""
    longest_lead: int = 60
    lead_sigma: float = 1.0
    """Standard deviation of the logarithm of the lead time."""


@dataclass(frozen=True)
class Contact:
    """One kind of contact made by the clinics, who gets it, and its true effect."""

    trial_share: float
    """Share of the occasions that are randomised, half of them without the contact."""
    usual_share: float
    """Share contacted among the occasions that are not randomised."""
    rate_ratio: float = 1.0
    """Multiple of the booking rate for `rate_weeks` weeks."""
    rate_weeks: int = 0
    hazard_ratio: float = 1.0
    """Multiple of the drop-out hazard for `hazard_weeks` weeks."""
    hazard_weeks: int = 0


@dataclass(frozen=True)
class Contacts:
    """Reminders, greetings, care calls, confirmation calls and offers."""

    answered: tuple[float, float] = (0.05, 0.80)
    """Share of messages, offers and care calls that are answered: intercept and slope on trust."""

    plan_at_first: float = 0.6
    """Share of clients who get a treatment plan at their first visit in the tables. Its size shows their
    value, its acceptance their trust (which is the probability of it)."""
    plan_share: float = 0.016
    """The same at later visits for a client of median value; proportional to value and to its rise."""
    plan_sigma: float = 0.2
    """Standard deviation of log(size of the plan / value)."""
    reminder: Contact = Contact(0.6, 0.3, rate_ratio=1.9, rate_weeks=4)
    """Message when the last visit was 26 weeks ago, and once more after a year."""
    reminder_after_weeks: int = 26
    care: Contact = Contact(0.65, 0.2, rate_ratio=1.5, rate_weeks=8, hazard_ratio=0.5, hazard_weeks=26)
    """Call by the manager when the last visit was 39 weeks ago."""
    care_after_weeks: int = 39
    greeting: Contact = Contact(0.45, 0.1, rate_ratio=1.15, rate_weeks=8, hazard_ratio=0.6, hazard_weeks=26)
    """Birthday greeting to clients seen within two years."""
    confirmation: Contact = Contact(0.3, 0.0)
    """Call on the day before to those who booked two days ago or more; outside the trial see below."""
    confirmation_from: int = 16
    confirmation_slope: float = 0.05
    confirmation_past: float = 1.5
    """Outside the trial receptionists call where they fear a no-show: with probability slope x (lead days
    beyond `confirmation_from`) + `confirmation_past` x the client's share of no-shows as in NoShow, at most
    0.8."""
    offer_months: tuple[int, int] = (3, 9)
    """Offers go out on the second Monday of these months to those who consent to mail and
    came within a year: a third each gets a discount,
    attention (a free consultation with the head doctor) or nothing."""
    offer_weeks: int = 6
    offer_discount: float = 0.15
    """Discount offered."""
    discount_effect: float = 1.1
    """Rise of the booking rate by that discount for clients who react to discounts (proportional to the
    discount)."""
    attention_effect: float = 0.7
    """Rise of the booking rate by attention for clients who react to attention."""
    taste_shares: tuple[float, float, float, float] = (0.24, 0.26, 0.14, 0.36)
    """Shares of clients who react to a discount, to attention, to both, to neither."""


@dataclass(frozen=True)
class Channel:
    """One source of new clients: rate a week = base + lift x adstock / (adstock + half), times the season."""

    base: float
    """New clients a week without advertising."""
    lift: float = 0.0
    """Most that advertising can add, new clients a week."""
    half: float = 1.0
    """Adstock at which half of that is added, EUR a week."""
    carry_over: float = 0.0
    """Share of the adstock that lasts from one week to the next; adstock is in EUR a week, weights summing
    to 1."""
    budget: float = 0.0
    """Mean spend in EUR a week."""
    value_shift: float = 0.0
    """Shift of log(value) of the clients this source brings."""


@dataclass(frozen=True)
class Advertising:
    """Where clients come from."""

    existing_clients: int = 1760
    """Clients at the beginning of the tables."""
    existing_channels: tuple[float, ...] = (1.5, 0.8, 0.8, 0.4, 3.0, 3.5)
    """Weights of the CHANNELS among them."""
    spend_noise: float = 0.35
    """Standard deviation of log(spend) from week to week, around the budget."""
    pause_share: float = 0.15
    push_share: float = 0.20
    """Shares of four-week spells without advertising and with `push` times the budget; else `quiet` times."""
    push: float = 2.2
    quiet: float = 0.89
    unknown_share: float = 0.04
    """Share of clients whose source was not noted."""
    channels: dict[str, Channel] = field(
        default_factory=lambda: {
            "search": Channel(1.0, 2.4, 150.0, 0.15, 380.0),
            "social": Channel(0.5, 2.2, 180.0, 0.35, 260.0, -0.20),
            "outdoor": Channel(0.3, 1.3, 200.0, 0.70, 300.0, 0.05),
            "leaflets": Channel(0.15, 1.6, 130.0, 0.45, 130.0, -0.35),
            "referral": Channel(1.4, value_shift=0.28),
            "walk_in": Channel(1.2),
        }
    )
    referral_correlation: float = 0.45
    """Correlation of log(value) of a referred client with that of the client who referred them."""


@dataclass(frozen=True)
class Deals:
    """Contracts with companies."""

    companies: int = 60
    per_week: float = 2.1
    """Deals opened a week, all managers together."""
    stages: tuple[str, ...] = ("lead", "qualified", "proposal", "negotiation")
    pass_chance: tuple[float, ...] = (0.72, 0.74, 0.70, 0.78)
    """Mean chance of passing each stage; the last one is the chance of winning a negotiation."""
    stage_weeks: tuple[float, ...] = (2.5, 3.0, 4.5, 3.5)
    """Mean length of each stage; gamma with shape 2."""
    amount_median: float = 1900.0
    company_sigma: float = 0.6
    """Standard deviation of log(mean amount) between companies."""
    amount_sigma: float = 0.5
    """Standard deviation of log(amount) between deals of one company."""
    slippage: float = 1.3
    """A deal takes this multiple of the time to its expected close: median of a log-normal distribution."""
    slippage_sigma: float = 0.25
    """Standard deviation of the logarithm of that multiple."""


@dataclass(frozen=True)
class Truth:
    """Everything planted, in one place."""

    purchase: Purchase = Purchase()
    trust: Trust = Trust()
    growth: Growth = Growth()
    demand: Demand = Demand()
    drop_out: DropOut = DropOut()
    season: Season = Season()
    no_show: NoShow = NoShow()
    contacts: Contacts = Contacts()
    advertising: Advertising = Advertising()
    deals: Deals = Deals()
    potential_trust: float = 0.6
    """Class A needs trust below this."""


TRUTH = Truth()
