"""Words from a short list, such as the status of a deal, as companies and their programs write them in
English and Russian."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

_WORDS: dict[tuple[str, str], dict[str, str]] = {
    ("contacts", "kind"): {
        "appointment": (
            "приём, прием, запись, запись на приём, бронь, booking, reservation, meeting, встреча"
        ),
        "call": "звонок, телефонный звонок, phone call, phone, telephone",
        "sms": "смс, сообщение, message, text message, мессенджер",
        "mail": "письмо, email, e-mail, почта, рассылка, newsletter, letter",
        "visit": "визит, посещение, walk-in",
        "greeting": "поздравление, congratulation",
    },
    ("contacts", "status"): {
        "kept": (
            "completed, complete, done, attended, arrived, show, showed, showed up, came, visited, "
            "fulfilled, finished, checked out, held, пришёл, пришла, пришел, явка, явился, явилась, "
            "состоялся, состоялась, состоялось, состоявшийся, выполнен, выполнена, выполнено, "
            "завершён, завершена, завершено, завершен, оказана, оказано, посетил, посетила, проведён, "
            "проведена, проведен"
        ),
        "no_show": (
            "no show, noshow, missed, did not come, did not attend, absent, не пришёл, не пришла, не "
            "пришел, неявка, не явился, не явилась, прогул, пропуск, пропущен, пропущена"
        ),
        "cancelled": (
            "canceled, cancel, cancellation, cancelled by client, canceled by client, отмена, "
            "отменён, отменена, отменено, отменен, отказ, отказался, отказалась, отменил, отменила"
        ),
        "answered": (
            "replied, reply, responded, reached, ответил, ответила, ответ, отвечено, отвечен, дозвон, "
            "дозвонились"
        ),
        "ignored": (
            "no answer, no reply, no response, unanswered, not answered, без ответа, не ответил, не "
            "ответила, нет ответа, не отвечено, недозвон, не дозвонились"
        ),
        "open": (
            "planned, scheduled, booked, pending, confirmed, upcoming, new, запланирован, "
            "запланирована, запланировано, назначен, назначена, назначено, ожидает, ожидается, "
            "ожидание, предстоит, подтверждён, подтверждена, подтверждено, подтвержден, новый, новая, "
            "открыт, открыта, открыто, записан, записана"
        ),
    },
    ("deals", "status"): {
        "won": (
            "win, closed won, success, successful, выиграна, выигран, выиграно, успешно, успешна, "
            "успешная, успешно реализовано, сделка успешна, закрыта успешно, завершена успешно, "
            "продано, продана"
        ),
        "lost": (
            "lose, closed lost, dead, disqualified, rejected, declined, abandoned, cancelled, "
            "canceled, проиграна, проигран, проиграно, провалена, провалено, сделка провалена, "
            "неуспешна, неуспешно, отказ, отменена, отменён, отменен, закрыто и не реализовано, "
            "закрыта неуспешно, не реализовано, потеряна"
        ),
        "open": (
            "opened, active, in progress, working, pending, new, prospecting, engaging, "
            "qualification, qualified, discovery, demo, needs analysis, value proposition, id "
            "decision makers, perception analysis, proposal, proposal price quote, price quote, "
            "proposal sent, quote sent, negotiation, negotiations, negotiation review, contract sent, "
            "presentation scheduled, appointment scheduled, qualified to buy, decision maker bought "
            "in, открыта, открыт, открыто, активна, в работе, в процессе, новая, новый, переговоры, "
            "первичный контакт, принимают решение, согласование, согласование договора, квалификация, "
            "подготовка документов, предоплата, коммерческое предложение, кп отправлено, "
            "неразобранное, презентация"
        ),
    },
    ("deals", "category"): {
        "commit": "committed, обязательство, подтверждена",
        "best_case": "best, upside, лучший случай, лучший вариант",
        "pipeline": "воронка, в воронке",
        "omitted": "omit, исключена, не учитывать, исключено",
    },
    ("facts", "confidence"): {
        "heard": "слышали, слышал, слышала, со слов, слух, hearsay",
        "guessed": "guess, догадка, предположение, предположительно",
        "confirmed": "confirm, known, certain, sure, подтверждено, подтверждён, подтвержден, точно",
    },
    ("staff", "kind"): {
        "person": (
            "employee, staff, specialist, doctor, people, сотрудник, сотрудница, человек, врач, "
            "мастер, специалист, персонал"
        ),
        "room": "cabinet, office, кабинет, комната, зал, помещение",
        "chair": "кресло, рабочее место",
    },
    ("calendar", "kind"): {
        "holiday": "public holiday, bank holiday, праздник, выходной, нерабочий день",
        "closed": "закрыто, не работаем, санитарный день",
        "absence": "absent, leave, sick leave, vacation, отсутствие, отпуск, больничный",
        "vacation_wish": "vacation request, желаемый отпуск, пожелание отпуска",
        "season": "сезон",
    },
}


def known_form(cell: ir.StringValue) -> ir.StringValue:
    """A word as the contract writes its words: ``No show`` is ``no_show``."""
    return cell.lower().replace("ё", "е").re_replace(r"[^\p{L}\d]+", "_").re_replace("^_+|_+$", "")


@cache
def meanings(table: str, column: str) -> Mapping[str, str]:
    """Other words for those on the list of a column, in known form, with the word on the list.

    >>> meanings("deals", "status")["closed_won"], meanings("contacts", "status")["не_пришел"]
    ('won', 'no_show')
    """
    others = {
        re.sub(r"[^\w]+|_+", "_", other.strip().lower().replace("ё", "е")): word
        for word, others in _WORDS.get((table, column), {}).items()
        for other in others.split(",")
    }
    return {other: word for other, word in others.items() if other != word}


def on_list(cell: ir.StringValue, table: str, column: str) -> ir.StringValue:
    """The word on the column's list that the cell means, else the cell in known form."""
    import ibis

    form = known_form(cell)
    by_word: dict[str, list[str]] = {}
    for other, word in meanings(table, column).items():
        by_word.setdefault(word, []).append(other)
    if not by_word:
        return form
    return ibis.cases(*[(form.isin(others), word) for word, others in by_word.items()], else_=form)
