"""Currencies: ISO 4217, the codes that the owner adds, and the signs that stand for them."""

from __future__ import annotations

from collections.abc import Collection

ISO_4217 = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH
    UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - one word a currency reads better than a column
)
OLD_CODES = {"RUR": "RUB", "BYR": "BYN"}
DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "BRL", "CLP", "COP", "ARS"})
SIGNS = {
    "US$": "USD",
    "C$": "CAD",
    "A$": "AUD",
    "R$": "BRL",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₽": "RUB",
    "₴": "UAH",
    "₹": "INR",
    "₺": "TRY",
    "₫": "VND",
    "₩": "KRW",
    "₦": "NGN",
    "₪": "ILS",
    "₱": "PHP",
    "₸": "KZT",
    "฿": "THB",
    "zł": "PLN",
    "Kč": "CZK",
}


def known(code: str, extra: Collection[str] = ()) -> str | None:
    """The code as we keep it, or None where nobody knows it."""
    code = code.strip().upper()
    code = OLD_CODES.get(code, code)
    return code if code in ISO_4217 or code in extra else None


def dollar(network_currency: str | None) -> str:
    """`$` is the network's own dollar where it has one."""
    return network_currency if network_currency in DOLLARS else "USD"
