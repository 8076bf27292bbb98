"""What a campaign's traffic costs: how it is paid for, and the price, explained as the choice demands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.widgets.forms.choice_fields import ChoiceField
from app.widgets.forms.field import Field
from app.widgets.forms.text_fields import TextField

_MODELS = {
    "none": (
        QT_TRANSLATE_NOOP("Cost", "not told"),
        QT_TRANSLATE_NOOP("Cost", "Not needed where the source tells the price of each click."),
    ),
    "cpc": (
        QT_TRANSLATE_NOOP("Cost", "a click (CPC)"),
        QT_TRANSLATE_NOOP("Cost", "What one click costs: 0.012"),
    ),
    "cpm": (
        QT_TRANSLATE_NOOP("Cost", "a thousand views (CPM)"),
        QT_TRANSLATE_NOOP("Cost", "What a thousand cost: 4.50. Each visit bears a thousandth of it."),
    ),
    "cpa": (
        QT_TRANSLATE_NOOP("Cost", "a conversion (CPA)"),
        QT_TRANSLATE_NOOP("Cost", "What each sale costs: 5.00. The clicks themselves cost nothing."),
    ),
    "share": (
        QT_TRANSLATE_NOOP("Cost", "a share of the revenue"),
        QT_TRANSLATE_NOOP("Cost", "The source's part of what you earn: 70%. The clicks themselves cost nothing."),
    ),
}


class CostFields:
    def __init__(self, currencies: Sequence[str]) -> None:
        answers = [(model, _tr(words)) for model, (words, _) in _MODELS.items()]
        self.model = ChoiceField(_tr("You pay for"), ("cost", "model"), answers, default="none")
        self.price = TextField(_tr("Price"), ("cost", "value"), default=_tr("none"))
        self.currency = TextField(
            _tr("Currency"), ("cost", "currency"), default=_tr("the source's, else your base"), words=currencies
        )
        self.model.box.currentIndexChanged.connect(lambda _index: self._explain())
        self._explain()

    def all(self) -> tuple[Field, ...]:
        return self.model, self.price, self.currency

    def _explain(self) -> None:
        """Also where a template or a load chose it."""
        model = self.model.shown()
        _, hint = _MODELS.get(model if isinstance(model, str) else "none", _MODELS["none"])
        self.price.set_hint(_tr(hint))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Cost", text)
