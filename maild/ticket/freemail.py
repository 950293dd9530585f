"""Domains at which anybody may have a mailbox: two addresses there have nothing to do with each other."""

FREEMAIL = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com mac.com "
    "aol.com proton.me protonmail.com gmx.de gmx.net gmx.com web.de t-online.de mail.com zoho.com fastmail.com "
    "inbox.lv inbox.lt inbox.eu one.lv apollo.lv mail.ee hot.ee delfi.lv delfi.lt mail.ru bk.ru list.ru inbox.ru "
    "yandex.ru yandex.com ya.ru rambler.ru ukr.net seznam.cz wp.pl o2.pl onet.pl interia.pl libero.it orange.fr "
    "wanadoo.fr free.fr laposte.net qq.com 163.com 126.com naver.com".split()
)
