"""The line that our mails to agents carry, above which an answer is to be written; it is the surest end of what is new.

"##- Rakstiet atbildi virs šīs līnijas / reply above this line - #T-7 -##"
"""

REPLY_ABOVE = {
    "en": "reply above this line",
    "lv": "rakstiet atbildi virs šīs līnijas",
    "ru": "пишите ответ выше этой линии",
    "lt": "rašykite atsakymą virš šios linijos",
    "et": "kirjutage vastus selle joone kohale",
    "de": "bitte oberhalb dieser Zeile antworten",
    "pl": "odpowiedz powyżej tej linii",
    "fr": "répondez au-dessus de cette ligne",
    "es": "responda por encima de esta línea",
    "it": "rispondere sopra questa riga",
    "nl": "antwoord boven deze regel",
    "sv": "svara ovanför denna rad",
    "no": "svar over denne linjen",
    "da": "svar over denne linje",
    "fi": "vastaa tämän rivin yläpuolelle",
    "pt": "responda acima desta linha",
    "cs": "odpovězte nad tímto řádkem",
    "uk": "пишіть відповідь вище цієї лінії",
    "zh": "请在此行上方回复",
    "ja": "この行より上に返信してください",
}
MARK, UNMARK = "##-", "-##"


def line(language: str, tag: str) -> str:
    """Return the line above which an answer is to be written, in one language and in English, with the tag."""
    own = REPLY_ABOVE.get(language.lower().partition("-")[0], REPLY_ABOVE["en"])
    words = own if own == REPLY_ABOVE["en"] else f"{own} / {REPLY_ABOVE['en']}"
    return f"{MARK} {words[:1].upper()}{words[1:]} - {tag} {UNMARK}"


def stands_in(text: str) -> bool:
    """Tell whether a line holds it, whatever a mail program put around it."""
    return MARK in text and UNMARK in text
