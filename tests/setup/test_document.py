"""A setup file that cannot be used is refused at its line, with the nearest right word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.setup.document import read_document
from server.setup.problem import BadSetup

PROP, MAXI, OFFER = 'key = "prop"', 'key = "maxi"', 'key = "keto-us"'
QUIZ, SUMMER = 'key = "quiz"', 'key = "summer"'
URL = "https://go.example.net/?a=1&sub1={click_id}&sub2={source}"

# what is replaced in the sample, by what (its last line is the one complained of), and words of the complaint
REFUSED = [
    ('timezone = "Europe/Berlin"', 'timezone = "Europe/Berln"', "Did you mean 'Europe/Berlin'?"),
    ('timezone = "Europe/Berlin"', 'time_zone = "UTC"', "unknown key 'time_zone'. Did you mean 'timezone'?"),
    (
        'timezone = "Europe/Berlin"',
        "timezone = 1979-05-27",
        "timezone: expects a time zone such as Europe/Berlin, not a",
    ),
    ('base_currency = "USD"', 'base_currency = "USB"', "unknown currency 'USB'. Did you mean 'USD'?"),
    ('base_currency = "USD"', "base_currency = 1", "expects a currency code such as USD, not a number"),
    ('base_currency = "USD"', 'currencies = ["US Dollar"]', "currencies 1: 'US Dollar' is no currency code"),
    ('base_currency = "USD"', 'trusted_proxies = ["10.0.0.1/8"]', "Did you mean '10.0.0.0/8'?"),
    ('base_currency = "USD"', 'fallback_url = "example.com"', "starts with https://"),
    ('base_currency = "USD"', 'client_ip_header = "X Real IP"', "is no name of a header"),
    ('domain = "https://trk.example.com"', 'domain = "trk.example.com"', "Did you mean 'https://trk.example.com'?"),
    ('domain = "https://trk.example.com"', "[sources]", "unknown key 'sources'. Did you mean 'source'?"),
    (PROP, 'key = "a b"', "source number 1: key: 'a b' is no key"),
    (PROP, "key = 5", "source number 1: key: expects text, not a number"),
    (PROP, f'{PROP}\nexternl_id = "x"', "source prop: unknown key 'externl_id'. Did you mean 'external_id'?"),
    (PROP, f'{PROP}\ntimezone = "UTC"', "It belongs at the top of the file"),
    (PROP, f"{PROP}\nname = 5", "source prop: name: expects text, not a number"),
    (PROP, f'{PROP}\ncost_currency = "EURO"', "unknown currency 'EURO'. Did you mean 'EUR'?"),
    ('"propellerads"', '"propellarads"', "there is no source template 'propellarads'. Did you mean 'propellerads'?"),
    ("sub1 = { name", "sub21 = { name", "source prop: subs: unknown key 'sub21'. Did you mean 'sub2'?"),
    ('token = "{zoneid}" }', 'tokn = "x" }', "source prop: subs.sub1: unknown key 'tokn'. Did you mean 'token'?"),
    (
        'statuses = ["approved"]',
        'statuses = ["aproved"]',
        "relay.statuses 1: 'aproved' is no status. Did you mean 'app",
    ),
    ('statuses = ["approved"]', 'statuses = "approved"', "relay.statuses: expects a list, not text"),
    ('statuses = ["approved"]', 'status = ["approved"]', "relay: unknown key 'status'. Did you mean 'statuses'?"),
    ('statuses = ["approved"]', 'method = "post"', "'post' is not one of GET, POST, PUT. Did you mean 'POST'?"),
    ('statuses = ["approved"]', 'url = "https://a.example/?x={externalid}"', "did you mean {external_id}?"),
    ('statuses = ["approved"]', 'url = "https://{ip}/"', "macro cannot stand in the host"),
    ('statuses = ["approved"]', "body = '{\"a\": {clickid}}'", "did you mean {click_id}?"),
    ('statuses = ["approved"]', "body = '{\"a\": }'", "relay.body: the body is not JSON"),
    ('statuses = ["approved"]', 'headers = { "X Y" = "a" }', "relay.headers.X Y: 'X Y' is no name of a header"),
    ('statuses = ["approved"]', 'headers = { "Host" = "a" }', "is set by the sender"),
    ('statuses = ["approved"]', 'headers = { Authorization = "***" }', "*** stands for a secret, but none is stored"),
    ('statuses = ["approved"]', 'share = "101%"', "'101%' is no share"),
    ('statuses = ["approved"]', "sample = 0.5", 'expects a share such as "70%", not a number'),
    ('statuses = ["approved"]', 'minimum = "-1"', "relay.minimum: is negative"),
    ('statuses = ["approved"]', 'delay = "5 min"', "'5 min' is no time from 0s to 30d"),
    ('statuses = ["approved"]', "cap = -1", "expects a whole number from 0"),
    ('statuses = ["approved"]', "cap = 1.5", "expects a whole number from 0"),
    ('statuses = ["approved"]', 'on_ambiguous = "wait"', "'wait' is not one of retry, hold. Known here: retry, hold."),
    ('statuses = ["approved"]', 'paused = "true"', "expects true or false, without quotes, not text"),
    ('statuses = ["approved"]', 'allow = ["home"]', "relay.allow 1: 'home' is no IP address or range"),
    ('"everflow"', '"everflw"', "there is no network template 'everflw'. Did you mean 'everflow'?"),
    (MAXI, f"{MAXI}\nips = [1]", "network maxi: ips 1: expects an IP address or range, not a number"),
    (MAXI, f'{MAXI}\nnumber_style = "1234.50"', "Did you mean '1,234.50'?"),
    (MAXI, f'{MAXI}\ndefault_status = "paid"', "Did you mean 'approved'?"),
    (MAXI, f'{MAXI}\npayout_from = "offers"', "Did you mean 'offer'?"),
    (MAXI, f'{MAXI}\ntime_zone = "CETT"', "unknown time zone 'CETT'. Did you mean"),
    (MAXI, f'{MAXI}\nhmac = {{ header = "X-Sig" }}', "network maxi: hmac: needs secret"),
    (MAXI, f'{MAXI}\nhmac = {{ header = "X", secret = "***" }}', "none is stored here"),
    (MAXI, f'{MAXI}\nhmac = {{ header = "X", secret = "s", over = "url" }}', "is not one of body, query"),
    (
        'payout = "{payout_amount}"',
        'payuot = "{p}"',
        "network maxi: macros: unknown key 'payuot'. Did you mean 'payout'?",
    ),
    (
        'approved = ["1", "confirmed"]',
        'aproved = ["1"]',
        "status_words: unknown key 'aproved'. Did you mean 'approved'?",
    ),
    ('approved = ["1", "confirmed"]', "approved = [1]", "status_words.approved 1: expects text, not a number"),
    (
        'approved = ["1", "confirmed"]',
        'approved = ["sold", "OK"]\nrejected = [" ok "]',
        "status_words.rejected: ' ok ' stands under approved too",
    ),
    ('network = "maxi"', 'network = "max"', "offer keto-us: network: there is no network 'max'. Did you mean 'maxi'?"),
    (f'url = "{URL}"', 'url = "go.example.net"', "offer keto-us: url: a URL starts with https://"),
    ("sub1={click_id}", "sub1={clik_id}", "unknown macro {clik_id}; did you mean {click_id}?"),
    ("sub1={click_id}", "p={payout:EUX}", "unknown currency 'EUX'"),
    ('payout = "32.00"', 'payout = "$32"', "offer keto-us: payout: '$32' is no amount of money"),
    ('payout = "32.00"', 'payout = "1,234"', "'1,234' is no amount of money"),
    ('payout = "32.00"', "payout = nan", "this number is no amount of money"),
    ('payout = "32.00"', f"payout = 0x{'f' * 9000}", "this number is no amount of money"),
    ('payout = "32.00"', f"payout = {'9' * 9000}", "This number is too long"),
    ('payout = "32.00"', 'payout = "130%"', "is no share"),
    ('payout = "32.00"', "payout = [32]", 'expects money such as "32.00", not a list'),
    ("window_days = 30", 'window_days = "30"', "expects a whole number, not text"),
    ("window_days = 30", "window_day = 30", "Did you mean 'window_days'?"),
    ("window_days = 30", 'cap = { conversions = 5, alternative = "keto" }', "no offer 'keto'. Did you mean 'keto-us'?"),
    ("window_days = 30", 'cap = { alternative = "keto-us" }', "cap: needs conversions or clicks"),
    ("window_days = 30", "cap = { clicks = 5 }", "cap: needs alternative"),
    ("window_days = 30", 'cap = { clicks = 5, alternative = "keto-us" }', "keto-us -> keto-us is a circle"),
    ('deposit = "50.00"', 'deposit = "fifty"', "offer keto-us: events.deposit: 'fifty' is no amount of money"),
    ('deposit = "50.00"', 'deposit = "5"\nDeposit = "6"', "'deposit' and 'Deposit' are the same"),
    (QUIZ, f"{QUIZ}\nurls = 5", "landing quiz: unknown key 'urls'. Did you mean 'url'?"),
    ('source = "prop"', 'source = "porp"', "campaign summer: source: there is no source 'porp'. Did you mean 'prop'?"),
    ('model = "cpc"', 'model = "ccp"', "is not one of cpc, cpm, cpa, share, none. Did you mean 'cpc'?"),
    ('model = "cpc", ', "", "campaign summer: cost: needs model"),
    ('model = "cpc"', 'model = "none"', "cost.value: model none has no value"),
    ('model = "cpc"', 'model = "share"', 'cost.value: model share expects a share such as "70%"'),
    ('value = "0.012"', 'value = "5%"', 'cost.value: model cpc expects money such as "0.012"'),
    (', value = "0.012"', "", "cost: needs value"),
    ("weight = 100\nwhen", "weight = true\nwhen", "path 1 weight: expects a whole number, not true or false"),
    ('country = ["US", "CA"]', 'contry = ["US"]', "path 1 when: unknown key 'contry'. Did you mean 'country'?"),
    ('country = ["US", "CA"]', 'country = "USA"', "path 1 when.country: 'USA' is no country"),
    ('country = ["US", "CA"]', "country = []", "path 1 when.country: is an empty list"),
    ('landing = "quiz", weight = 100', 'landing = "quizz"', "there is no landing 'quizz'. Did you mean 'quiz'?"),
    ('landing = "quiz", weight = 100', 'landing = "quiz", weight = 0', "path 1 landings: all weights are 0"),
    (
        'offer = "keto-us", weight',
        'offer = "keto-su", weight',
        "path 1 offers 1 offer: there is no offer 'keto-su'. Did",
    ),
    ('offer = "keto-us", weight = 100', 'offer = "keto-us", weight = 0', "path 1 offers: all weights are 0"),
    ('offers = [{ offer = "keto-us", weight = 100 }]', "offers = []", "a path needs at least one offer"),
    ('offers = [{ offer = "keto-us", weight = 100 }]', 'offers = ["keto-us"]', "offers 1: expects a table, not text"),
    (SUMMER, f"{SUMMER}\ndestinations = [{{}}]", "campaign summer: destinations 1: needs url"),
    (SUMMER, f'{SUMMER}\ndomain = "http://a.example"', "Did you mean 'https://a.example'?"),
]


@pytest.mark.parametrize(("old", "new", "words"), REFUSED, ids=[f"{words[-40:]}" for _, _, words in REFUSED])
def test_what_does_not_fit_is_refused_at_its_line(old: str, new: str, words: str, sample: str, apply: Callable) -> None:
    assert sample.count(old) >= 1
    before, after = sample.split(old, 1)
    complained_of = new.removesuffix("\nwhen")
    line = (before + complained_of).count("\n") + 1
    with pytest.raises(BadSetup) as refusal:
        apply(before + new + after)
    assert refusal.value.where == f"server.toml:{line}"
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\nb = ", 2, "Invalid value"),
        ("a = 1\na = 2\n", 2, "Cannot overwrite a value"),
        ('timezone = "UTC\n', 1, "Illegal character"),
        ("[[source]\n", 1, "Expected"),
        ("x = 2020-13-41\n", 1, "Expected newline"),
        ('[source]\nkey = "a"\n', 1, "source: expects tables, not a table. Write [[source]] above each."),
        ("offer = [1]\n", 1, "offer: expects tables, not a list of other values"),
        ('\n[[landing]]\nurl = "https://a.example"\n', 2, "landing number 1: needs key"),
        ('[[landing]]\nkey = "a"\n', 1, "landing a: needs url"),
        ('[[offer]]\nkey = "a"\nurl = "https://a.example"\n', 1, "offer a: needs network"),
        ('[[campaign]]\nkey = "a"\nsource = "a"\n', 1, "campaign a: needs path"),
        ('[[landing]]\nkey = "a"\nurl = "https://a.example"\n' * 2, 5, "landing a is named twice, on lines 2 and 5."),
        ('[[source]]\nkey = "a"\n[[landing]]\nx = 1\n[[source]]\ny = 1\n', 3, "landing number 1: needs key"),
        (
            """[[campaign]]
key = "a"
source = "a"
[[campaign.path]]
weight = 0
offers = [{ offer = "a" }]
[[offer]]
key = "a"
network = "a"
url = "https://a.example"
[[network]]
key = "a"
[[source]]
key = "a"
""",
            4,
            "campaign a: path: all weights are 0, so nothing could be chosen.",
        ),
        ('[[network]]\nkey = "a"\nhmac = { secret = "s" }\n', 3, "network a: hmac: needs header"),
    ],
)
def test_a_file_is_refused_at_its_first_bad_line(text: str, line: int, words: str, apply: Callable) -> None:
    with pytest.raises(BadSetup) as refusal:
        apply(text)
    assert words in str(refusal.value)
    assert refusal.value.where == f"server.toml:{line}"


def test_a_file_nested_without_end_is_refused() -> None:
    with pytest.raises(BadSetup, match="nested too deeply"):
        read_document("x = " + "[" * 100_000, "server.toml")


def test_nothing_to_choose_from_is_no_near_word(apply: Callable) -> None:
    with pytest.raises(BadSetup, match=r"there is no network 'maxi'\.$"):
        apply('[[offer]]\nkey = "a"\nnetwork = "maxi"\nurl = "https://a.example"\n')


def test_a_document_knows_the_line_of_every_key_and_of_the_nearest_key_around_one(sample: str) -> None:
    document = read_document(sample, "server.toml")
    rows = ["", *sample.split("\n")]
    assert rows[document.line_of("source", "prop", ("relay", "statuses", 0)) or 0].startswith("statuses =")
    assert rows[document.line_of("source", "prop", ("relay", "url")) or 0].startswith("[source.relay]")
    assert rows[document.line_of("offer", 0) or 0] == "[[offer]]"
    assert document.locate("owner", "", ("timezone",)) == "server.toml:2"
    assert document.locate("offer", "unknown") == ""


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read_document('\ufefftimezone = "UTC"', "server.toml").specs.owner == {"timezone": "UTC"}


def test_an_empty_file_names_nothing() -> None:
    document = read_document("", "server.toml")
    assert document.specs.owner == {}
    assert document.specs.source == {}
