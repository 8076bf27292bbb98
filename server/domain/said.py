"""What a postback says: the network's parameters as our fields, each read by its own rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from server.domain import currency as currencies
from server.domain.moment import read_moment
from server.domain.money import Amount, read_amount
from server.domain.outcome import Remark, Warning
from server.domain.reading import Parameter, Reading
from server.domain.status import Status, read_status
from server.domain.things import FIELDS, TOKEN, Network

T = TypeVar("T")
Prove = Callable[[str], int | None]  # a click id that proves itself -> its key

_CUSTOM = tuple(name for name in FIELDS if name.startswith("custom"))
_EITHER_DOLLAR = {"$": currencies.DOLLARS, "¥": frozenset({"JPY", "CNY"})}


class ClickSaid(NamedTuple):
    """Where a click id was looked for and what stood there; the key only where it proves itself."""

    parameter: str = ""
    text: str = ""
    key: int | None = None
    is_macro: bool = False


class AmountSaid(NamedTuple):
    micros: int
    currency: str


class Unknown(NamedTuple):
    """A word that nobody has mapped yet, and where it stood."""

    parameter: str
    word: str


class Said(NamedTuple):
    click: ClickSaid
    status: Status | None = None
    unknown_status: Unknown | None = None
    amount: AmountSaid | None = None
    sale: AmountSaid | None = None
    unknown_currency: Unknown | None = None
    event: str | None = None
    txn_id: str | None = None
    time: int | None = None
    custom: Mapping[str, str] = MappingProxyType({})
    remarks: tuple[Remark, ...] = ()
    unreadable: str | None = None

    @property
    def is_reversal(self) -> bool:
        """The word says that money goes back; without a word the sign does."""
        if self.status is not None:
            return self.status.is_reversal
        return self.amount is not None and self.amount.micros < 0

    @property
    def event_key(self) -> str:
        return (self.event or "").casefold()


def names_of(network: Network) -> frozenset[str]:
    """Every parameter name that means something to this network."""
    return network.known_names


def understand(
    reading: Reading, network: Network, prove: Prove, base_currency: str, extra_currencies: Collection[str]
) -> Said:
    return _Understanding(reading, network, prove, base_currency, extra_currencies).said()


class _Understanding:
    """One reading of one request; collects remarks as it goes."""

    def __init__(
        self,
        reading: Reading,
        network: Network,
        prove: Prove,
        base_currency: str,
        extra_currencies: Collection[str],
    ) -> None:
        self._reading = reading
        self._network = network
        self._names = network.names
        self._prove = prove
        self._base_currency = base_currency
        self._extra = extra_currencies
        self._remarks: list[Remark] = []
        self._unknown_currency: Unknown | None = None
        self._by_name: dict[str, list[Parameter]] = {}
        for parameter in reading.parameters:
            self._by_name.setdefault(parameter.name, []).append(parameter)
        self._fields = {name for sent in self._by_name for name in network.fields_of.get(sent, ())}

    def said(self) -> Said:
        click = self._click()
        status, unknown_status = self._status()
        amount, sale = self._amounts()
        event, txn_id = self._text("event"), self._text("txn_id")
        time = self._time()
        custom = {name: text for name in _CUSTOM if name in self._fields and (text := self._text(name)) is not None}
        oddities = dict.fromkeys(self._reading.oddities)
        odd = (Remark(Warning.ODD_ENCODING, {"value": "; ".join(oddities)}),) if oddities else ()
        return Said(
            click=click,
            status=status,
            unknown_status=unknown_status,
            amount=amount,
            sale=sale,
            unknown_currency=self._unknown_currency,
            event=event,
            txn_id=txn_id,
            time=time,
            custom=custom,
            remarks=(*self._remarks, *odd),
            unreadable=self._reading.unreadable,
        )

    # -- the click id ------------------------------------------------------------------------------------------------

    def _click(self) -> ClickSaid:
        candidates = self._network.click_names
        expected = [one for name in candidates if name in self._by_name for one in self._by_name[name]]
        rest = (p for p in self._reading.parameters if p.name not in candidates and p.name != TOKEN)
        for parameter in chain(expected, rest):
            for one in self._once_and_twice(parameter):
                key = self._prove(one.value)
                if key is not None:
                    return self._proven(one, key, expected)
        for parameter in expected:
            if parameter.is_macro or parameter.twice_decoded().is_macro:
                return ClickSaid(parameter.name, parameter.value, is_macro=True)
        for parameter in expected:
            if not parameter.is_nothing:
                return ClickSaid(parameter.name, parameter.value)
        return ClickSaid(parameter=", ".join(candidates))

    def _once_and_twice(self, parameter: Parameter) -> Iterator[Parameter]:
        yield parameter
        twice = parameter.twice_decoded()
        if twice is not parameter:
            yield twice

    def _proven(self, parameter: Parameter, key: int, expected: Sequence[Parameter]) -> ClickSaid:
        if parameter.name not in self._network.click_names and parameter.name not in self._network.known_names:
            self._remark(Warning.CLICK_ID_IN_OTHER_PARAMETER, parameter)
        same = self._by_name[parameter.name]
        if same != [parameter]:
            if all(parameter is not one for one in same):
                self._reading.oddities.append(f"{parameter.name} is encoded twice")
            if len({one.value.lower() for one in same if not one.is_nothing}) > 1:
                self._remark(Warning.REPEATED_PARAMETER, parameter)
        for one in expected:
            if one.is_macro:
                self._remark(Warning.MACRO_NOT_REPLACED, one)
        return ClickSaid(parameter.name, parameter.value.lower(), key)

    # -- the other fields --------------------------------------------------------------------------------------------

    def _find(self, names: Collection[str]) -> Parameter | None:
        """The first parameter that is something; a macro that nobody replaced is remarked and counts as nothing."""
        macro: Parameter | None = None
        for name in names:
            there = self._by_name.get(name)
            if there is None:
                continue
            real = [parameter for parameter in there if not parameter.is_nothing]
            if len(real) > 1 and len({parameter.value for parameter in real}) > 1:
                self._remark(Warning.REPEATED_PARAMETER, real[0])
            macro = macro or next((parameter for parameter in there if parameter.is_macro), None)
            if real:
                self._replaced(macro)
                return real[0]
        return macro

    def _sent(self, field_name: str) -> Parameter | None:
        return self._find(self._names[field_name]) if field_name in self._fields else None

    def _replaced(self, parameter: Parameter | None) -> Parameter | None:
        if parameter is None or not parameter.is_macro:
            return parameter
        self._remark(Warning.MACRO_NOT_REPLACED, parameter)
        return None

    def _text(self, field_name: str) -> str | None:
        parameter = self._replaced(self._sent(field_name))
        return parameter.value if parameter else None

    def _twice(self, parameter: Parameter | None) -> Parameter | None:
        if parameter is None or parameter.is_macro or (twice := parameter.twice_decoded()) is parameter:
            return parameter
        self._reading.oddities.append(f"{parameter.name} is encoded twice")
        return twice

    def _status(self) -> tuple[Status | None, Unknown | None]:
        parameter = self._twice(self._sent("status"))
        if parameter is None:
            return None, None
        status = None if parameter.is_macro else read_status(parameter.value, self._network.status_words)
        return status, None if status else Unknown(parameter.name, parameter.value)

    def _time(self) -> int | None:
        if not self._network.has_time:
            return None
        parameter = self._replaced(self._sent("time"))
        if parameter is None:
            return None
        moment = read_moment(parameter.value, self._network.time_zone)
        if moment is None:
            self._bad(parameter, "time")
        return moment

    def _bad(self, parameter: Parameter, expected: str) -> None:
        self._remark(Warning.BAD_VALUE, parameter, expected=expected)

    def _remark(self, warning: Warning, parameter: Parameter, **details: str) -> None:
        remark = Remark(warning, {"parameter": parameter.name, "value": parameter.value, **details})
        if remark not in self._remarks:  # a field may be looked for twice
            self._remarks.append(remark)

    # -- money -------------------------------------------------------------------------------------------------------

    def _amounts(self) -> tuple[AmountSaid | None, AmountSaid | None]:
        payout_names, sale_names = self._names["payout"], self._names["sale_amount"]
        payout = self._sent("payout")
        if self._is_sale_beside(payout, payout_names):
            if payout is not None and payout.name == "amount":
                payout = self._find([name for name in payout_names if name != "amount"])
            sale_names = (*sale_names, "amount")
        currency = self._replaced(self._sent("currency"))
        return self._amount(payout, currency), self._amount(self._find(sale_names), currency)

    def _is_sale_beside(self, payout: Parameter | None, payout_names: Collection[str]) -> bool:
        """`amount` is the sale where the payout has a parameter of its own, empty or not."""
        if self._network.maps_amount:
            return False
        main = next(iter(payout_names), "")
        return main in self._by_name or (payout is not None and payout.name != "amount")

    def _amount(self, parameter: Parameter | None, currency: Parameter | None) -> AmountSaid | None:
        parameter = self._twice(self._replaced(parameter))
        if parameter is None:
            return None
        amount = read_amount(parameter.value, self._network.number_style)
        if amount is None:
            self._bad(parameter, "amount that can be read one way only")
            return None
        return self._priced(amount, parameter, currency)

    def _priced(self, amount: Amount, parameter: Parameter, currency: Parameter | None) -> AmountSaid | None:
        """The amount with its currency: the mark beside it, else the parameter, else the network's."""
        said = currencies.known(currency.value, self._extra) if currency else None
        if amount.mark:
            marked = self._marked(amount.mark, said)
            if marked is None:
                self._unknown_currency = Unknown(parameter.name, amount.mark)
                return None
            if said and marked != said:
                self._bad(parameter, f"amount in {said}, which {currency.name if currency else 'the currency'} names")
                return None
            return AmountSaid(amount.micros, marked)
        if currency and said is None:
            self._unknown_currency = Unknown(currency.name, currency.value)
            return None
        return AmountSaid(amount.micros, said or self._network.currency or self._base_currency)

    def _marked(self, mark: str, said: str | None) -> str | None:
        if said and said in _EITHER_DOLLAR.get(mark, ()):
            return said
        if mark == "$":
            return currencies.dollar(self._network.currency)
        return currencies.SIGNS.get(mark) or currencies.known(mark, self._extra)
