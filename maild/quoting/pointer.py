"""Recognise that somebody says where his answers stand: in what he quotes, where only their colour may tell them.

"Please see my comments below", "Antworten in rot": a sentence of a few names both an answer of his and such a place.
To teach maild a language, add a row.
"""

import re
from collections.abc import Sequence

LONGEST = 400  # characters of all that stands above the quote, with greeting and signature

# The language; words for his answers; where they stand. Each begins a word, but in Chinese, Japanese and Korean.
_POINTERS = (
    (
        "en",
        "answers|replies|responses|comments|annotations|remarks|answered|replied|responded|commented|"
        "my answer|my reply|my response|my comment",
        "below|inline|in line|in red|in blue|in green|in purple|in bold|in italic|in caps|in capitals|"
        "in colour|in color|in the text|in your text|in the mail|in your mail|in your email|in your message|"
        "within the|within your|in the body|beneath|underneath|under each|under your|next to|after each|"
        "between the lines|embedded",
    ),
    (
        "lv",
        "atbildes|atbildēju|atbildējām|atbildu|komentāri|komentārus|piezīmes",
        "zemāk|tekstā|sarkanā krāsā|sarkanā tekstā|ar sarkan|zilā krāsā|zaļā krāsā|treknrakst|jūsu vēstulē|"
        "jūsu e-pastā|zem jautājum|zem katra|pie katra|starp rind",
    ),
    (
        "ru",
        "ответы|ответила|ответил|ответили|отвечаю|комментарии|пояснения|замечания",
        "ниже|в тексте|в теле|по тексту|красным|красного|синим|зеленым|зелёным|жирным|под вопросами|"
        "под каждым|после каждого|между строк|в вашем письме",
    ),
    (
        "uk",
        "відповіді|відповіла|відповів|відповідаю|коментарі|зауваження",
        "нижче|в тексті|у тексті|червоним|синім|зеленим|жирним|під питаннями|під кожним|між рядк|у вашому листі",
    ),
    (
        "lt",
        "atsakymai|atsakymus|atsakiau|atsakau|komentarai|pastabos",
        "žemiau|tekste|raudonai|raudona spalva|mėlynai|mėlyna spalva|žaliai|paryškint|po klausim",
    ),
    (
        "et",
        "vastused|vastasin|vastan|kommentaarid|märkused",
        "allpool|tekstis|punasega|punases|sinisega|sinises|rohelisega|küsimuste all|küsimuste juures",
    ),
    (
        "de",
        "antworten|geantwortet|antworte|beantwortet|anmerkungen|kommentare|kommentiert|bemerkungen",
        "unten|im text|in rot|rot markiert|rot geschrieben|in blau|blau markiert|in grün|in fett|"
        "fett gedruckt|fettgedruckt|kursiv|inline|in ihrem text|in ihrer mail|in ihrer e-mail|"
        "in ihrer nachricht|in der mail|darunter|direkt unter|jeweils unter|zwischen den zeilen",
    ),
    (
        "pl",
        "odpowiedzi|odpowiadam|odpowiedziałam|odpowiedziałem|komentarze|uwagi",
        "poniżej|w treści|w tekście|na czerwono|na niebiesko|na zielono|czerwonym kolorem|kolorem czerwonym|"
        "pogrubion|kursywą|pod pytaniami|pod każdym",
    ),
    (
        "cs, sk",
        "odpovědi|odpověděl|odpovídám|komentáře|poznámky|odpovede|odpovedal|odpovedám|komentáre",
        "níže|nižšie|v textu|v texte|červeně|červenou|červeno|modře|modrou|modro|zeleně|zelenou|zeleno|tučn|"
        "pod otázk|pod jednotliv",
    ),
    (
        "fr",
        "réponses|réponds|répondu|commentaires|remarques|annotations",
        "ci-dessous|ci-après|plus bas|dans le texte|dans le corps|dans votre mail|dans votre message|"
        "en rouge|en bleu|en vert|en gras|en italique|sous chaque|sous vos|entre les lignes|au fil du texte",
    ),
    (
        "es",
        "respuestas|respondo|contesto|respondí|contesté|respondido|contestado|comentarios|contestaciones",
        "abajo|debajo|más abajo|en el texto|en el cuerpo|en su correo|en tu correo|en rojo|en azul|en verde|"
        "en negrita|entre líneas",
    ),
    (
        "pt",
        "respostas|respondi|respondo|comentários|observações",
        "abaixo|no texto|no corpo|no seu e-mail|no seu email|a vermelho|em vermelho|a azul|em azul|a verde|"
        "em verde|em negrito|a negrito|entre as linhas",
    ),
    (
        "it",
        "risposte|rispondo|risposto|commenti|osservazioni",
        "sotto|più sotto|in basso|in calce|nel testo|nel corpo|nella sua mail|nella tua mail|in rosso|in blu|"
        "in verde|in grassetto|tra le righe",
    ),
    (
        "nl",
        "antwoorden|antwoord ik|geantwoord|beantwoord|opmerkingen|reacties",
        "hieronder|in de tekst|in rood|in het rood|in blauw|in het blauw|in groen|in het groen|vetgedrukt|"
        "inline|onder elke|onder uw|onder je|in uw mail|in je mail|tussen de regels",
    ),
    (
        "sv",
        "mina svar|mitt svar|se svar|svaren|svar i|svar nedan|svarat|svarar|kommentarer|kommenterat",
        "nedan|i texten|i rött|med rött|röd text|i blått|med blått|blå text|grön text|fetstil|under varje|i ditt mail",
    ),
    (
        "da, no",
        "mine svar|mit svar|mitt svar|se svar|svarene|svar i|svar nedenfor|svar under|har svart|har svaret|"
        "svarer|kommentarer|besvaret|besvart",
        "nedenfor|i teksten|i rødt|med rødt|rød tekst|i blåt|i blått|med blå|blå tekst|med grøn|med fed|"
        "fet skrift|under hvert|under hver|i din mail",
    ),
    (
        "fi",
        "vastaukset|vastaukseni|vastasin|vastannut|kommentit|kommenttini|kommentoin",
        "alla|alempana|alapuolel|punaisella|sinisellä|vihreällä|lihavoi|tekstissä|tekstin seas|viestin seas|"
        "rivien väli",
    ),
    (
        "hu",
        "válaszaim|válaszaimat|válaszoltam|válaszolok|megjegyzéseim",
        "lent|alább|lejjebb|pirossal|kékkel|zölddel|a szövegben|félkövér|a levélben|a kérdések alatt",
    ),
    (
        "ro",
        "răspunsurile|răspunsuri|am răspuns|comentariile|comentarii",
        "mai jos|în text|cu roșu|cu rosu|cu albastru|cu verde|cu bold|sub fiecare",
    ),
    (
        "hr, sr, sl",
        "odgovori|odgovorila|odgovorio|odgovaram|odgovoril|komentari",
        "ispod|niže|dolje|u tekstu|crvenom|crveno|plavom|plavo|zelenom|zeleno|podebljan|spodaj|v besedilu|"
        "rdeče|z rdečo|modro|krepko",
    ),
    (
        "bg",
        "отговорите|отговорих|отговарям|коментарите|коментари",
        "по-долу|в текста|в червено|с червено|в синьо|със синьо|под всеки",
    ),
    (
        "el",
        "απαντήσεις|απάντησα|απαντώ|σχόλια",
        "παρακάτω|πιο κάτω|με κόκκινο|με μπλε|στο κείμενο|με έντονα",
    ),
    (
        "tr",
        "cevaplarım|cevapladım|cevaplar|yanıtlarım|yanıtladım|yanıtlar|yorumlarım",
        "aşağıda|kırmızı|mavi|yeşil|metin içinde|metnin içinde|koyu|her sorunun altın",
    ),
    (
        "zh",
        "回答|回复|答复|批注|回覆|答覆|回應",
        "红字|红色|蓝字|蓝色|绿色|粗体|加粗|文中|正文中|邮件中|紅字|紅色|藍字|藍色|粗體|信中|內文",
    ),
    (
        "ja",
        "回答|返信|返答|コメント|お答え",
        "赤字|青字|緑字|赤色|青色|太字|文中|本文中|インライン",
    ),
    (
        "ko",
        "답변|회신|답장|코멘트",
        "빨간|빨강|적색|붉은|파란|파랑|청색|굵은|본문|인라인",
    ),
)
# Such sentences without a word for an answer.
_POINTED = (
    *("see inline", "inline below", "marked in red", "below in red", "below in blue", "below in green"),
    *("in red below", "in blue below", "zemāk sarkanā", "ниже красным", "unten in rot", "poniżej na czerwono"),
    *("ci-dessous en rouge", "abajo en rojo", "hieronder in het rood", "nedan i rött", "nedenfor i rødt"),
    *("abaixo em vermelho", "níže červeně"),
)
_ALONE = frozenset(("inline", "in line"))
# "In reply to your mail below" says of no answers where they stand, though the words are the same.
_REFERS = ("w odpowiedzi", "v odpovědi", "v odpovedi")
_SENTENCES = re.compile(r"[.!?;。！？\n]+")
_NO_WORDS = re.compile(r"[^\w'-]+")
_LONGEST_SENTENCE = 200  # characters


def points(lines: Sequence[str]) -> bool:
    """Tell whether the few lines above a quote say that answers stand in it."""
    said = "\n".join(line.strip() for line in lines if line.strip())
    if len(said) > LONGEST:
        return False
    return any(map(_points, _SENTENCES.split(said.lower().replace("in-line", "in line"))))


def _points(sentence: str) -> bool:
    words = _NO_WORDS.sub(" ", sentence).strip()
    if not words or len(words) > _LONGEST_SENTENCE:
        return False
    if words in _ALONE or any(pointed in words for pointed in _POINTED):
        return True
    for reference in _REFERS:
        words = words.replace(reference, "")
    return any(_begins_a_word(words, answers) and _begins_a_word(words, places) for answers, places in _ROWS)


def _begins_a_word(words: str, stems: tuple[str, ...]) -> bool:
    return any(stem in words if stem[0] >= _UNSPACED else f" {stem}" in f" {words}" for stem in stems)


_UNSPACED = "\u3000"  # from here on stand the letters of those who put no blank between words
_ROWS = tuple((tuple(answers.split("|")), tuple(places.split("|"))) for _, answers, places in _POINTERS)
