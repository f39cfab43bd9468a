import pytest

import crmkit as ck
from crmkit.book.formats.encoding import find_encoding, weigh

CYRILLIC = ("cp1251", "cp866", "koi8-r", "mac-cyrillic", "iso8859-5")
LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "mac-roman", "cp850", "cp852")
USUAL = ("cp1251", "cp866", "koi8-r", "cp1252", "cp1250")
TEXTS = {
    "ledger": "Клиент;Дата;Сумма\nООО Ромашка;15.01.2024;1200,00\nИП Ёлкин;20.01.2024;350,50\n",
    "headers only": "Клиент;Дата;Сумма\nC1;2024-01-05;5\n",
    "names only": "client;date\nООО Ромашка;2024-01-05\nРозница;2024-01-06\n",
    "capitals": "КЛИЕНТ;ДАТА;СУММА\nООО ВЕКТОР;15.01.2024;5\n",
    "small letters": "клиент;дата;сумма\nпроба;1\nобразец;2\n",
    "clinic": "Пациент;Дата приёма;Услуга\nТестов Проба;01.02.2024;Чистка зубов\n",
    "quotation marks": "Контрагент;Сумма\nООО «Торговый дом»;1\nПАО Юбилейный №3;5\n",
    "Ukrainian": "Клієнт;Дата;Сума\nТОВ Їжак;1;2\nКиїв;Ґанок;1\n",
    "rare letters": "name;x\nЩукин;1\nЦыганков;1\nЮдин;2\nЖуков;5\nЭйхе;5\nХачатурян;6\n",
    "German": "Kunde;Straße;Betrag\nMüller GmbH;Größe;5\nJörg Schäfer;1\n",
    "French": "client;montant\nHélène Lefèvre;5\nFrançois Gâteau;6\n",
    "Spanish": "cliente;importe\nJosé Muñoz;5\nPeña Núñez;6\n",
    "Italian": "cliente;importo\nNicolò;Città\nperché;più\n",
    "Portuguese": "cliente;valor\nJoão Conceição;1\nSão José;2\n",
    "Danish": "kunde;beløb\nSøren Ærø;1\nJørgen Åberg;2\n",
    "Swedish": "kund;ort\nÅsa Öberg;1\nBjörn;2\n",
    "Polish": "klient;kwota\nŁukasz Żółty;1\nGdańsk;2\nWęgrzyn;3\n",
    "Czech": "klient;částka\nDvořák;1\nNěmec;2\nŽižka;3\n",
    "Hungarian": "ügyfél;összeg\nKőszegi Ödön;1\nSzűcs Jenő;2\n",
    "Lithuanian": "klientė;suma\nŠarūnas;1\nŽemaitis;2\n",
    "Turkish": "müşteri;tutar\nIşık Yılmaz;1\nŞahin Öztürk;2\n",
    "spaces that do not break": "client;amount\nA;1\xa0200,00\nB;1\xa0300,00\n",
    "euro": "client;amount\nA;€5\nB;5 €\n",
    "euro after spaces": "client;amount\nA;1 200,50 €\nB;20,00 €\n",
    "pound": "client;amount\nA;£5.00\n",
    "a number sign": "client;amount\n№5;1\n",
    "a dash": "client;amount\nA – B;1\n",
    "one word": "client;amount\nРозница;5\n",
    "two letters": "client;amount\nИП;1\n",
    "one letter": "client;amount\nШ;1\n",
}
# Too little to tell the encoding from in some of them.
SHORT = {
    "one word",
    "two letters",
    "one letter",
    "euro",
    "euro after spaces",
    "pound",
    "a number sign",
    "a dash",
} | {"spaces that do not break"}


def written(text, encodings):
    for encoding in encodings:
        try:
            yield encoding, text.encode(encoding)
        except UnicodeEncodeError:
            continue


@pytest.mark.parametrize("name", TEXTS)
def test_bytes_are_read_as_the_words_they_stand_for_or_refused(name):
    text, readable = TEXTS[name], 0
    for encoding, sample in written(text, CYRILLIC + LATIN):
        try:
            found = weigh(sample, name="file.csv")
        except ck.BookError:
            assert name in SHORT or encoding not in USUAL, encoding
            continue
        assert sample.decode(found) == text, encoding
        readable += 1
    assert readable or name in SHORT


def test_a_refusal_names_both_encodings_and_the_option():
    with pytest.raises(ck.BookError) as error:
        weigh("client\nИП\n".encode("cp1251"), name="file.csv")
    assert "koi8-r" in str(error.value)
    assert "cp1251" in str(error.value)
    assert 'encoding = "' in str(error.value)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gbk", "客户名称,销售日期"),
        ("big5", "客戶名稱,銷售日期"),
        ("shift_jis", "顧客番号,売上日付"),
        ("euc-kr", "고객,날짜"),
        ("cp1253", "Πελάτης,Ημερομηνία"),
        ("cp1255", "לקוח,תאריך"),
        ("cp1256", "العميل,التاريخ"),
    ],
)
def test_letters_that_crmkit_does_not_weigh_are_refused(encoding, text):
    with pytest.raises(ck.BookError, match=r"file\.csv: the file is not in Unicode, and in no encoding"):
        weigh(text.encode(encoding), name="file.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("name", ["ledger", "German", "pound"])
def test_unicode_is_known_by_its_marks_or_by_its_form(write, encoding, mark, name):
    content = (("\ufeff" if mark else "") + TEXTS[name]).encode(encoding)
    path = write("file.csv", content)
    found = find_encoding(content, path, name="file.csv")
    assert content.decode(found).removeprefix("\ufeff") == TEXTS[name]


def test_a_file_of_which_some_lines_are_utf8_and_some_are_not_is_refused(write):
    content = "Клиент,Дата\nПроба,1\nОбразец,2\n".encode() + "Мера,3\n".encode("cp1251")
    path = write("file.csv", content)
    with pytest.raises(
        ck.BookError, match=r"file\.csv: some lines are in UTF-8 and others, the first of them line 4"
    ):
        find_encoding(content, path, name="file.csv")
