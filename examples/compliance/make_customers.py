"""Write the files of the compliance officer's guide: customers, a watch list, a payment.

    python examples/compliance/make_customers.py --customers 1000 --folder work

Every person and company is invented: common family and given names, joined by a seeded draw. Ten of
the customers are people of the watch list, each written in another script or order than the list
writes it; the file `planted.csv` says which, so that you can see what the screening found. The list
is an example and no sanction list.
"""

import argparse
import csv
import json
import random
from collections.abc import Callable
from pathlib import Path

HAN_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
HAN_GIVEN = "伟芳娜敏静磊军洋勇艳杰涛明超霞平刚桂文辉信利建华志强国庆"
RUSSIAN_FAMILY = ["Иванов", "Смирнов", "Кузнецов", "Попов", "Соколов", "Лебедев", "Новиков"]
RUSSIAN_GIVEN = ["Алексей", "Дмитрий", "Сергей", "Андрей", "Николай", "Павел", "Юрий"]
RUSSIAN_FATHER = ["Петрович", "Андреевич", "Сергеевич", "Николаевич", "Викторович"]
KAZAKH_FAMILY = ["Нұрланов", "Серіков", "Әбдіров", "Қасымов", "Жұмабаев", "Оспанов", "Төлегенов"]
KAZAKH_GIVEN = ["Айдар", "Нұрлан", "Ерлан", "Бауыржан", "Дәурен", "Қайрат", "Мұрат"]
ARABIC_GIVEN = ["محمد", "أحمد", "خالد", "عمر", "يوسف", "حسن", "سعيد"]
ARABIC_FAMILY = ["العلي", "الحسن", "المصري", "الشامي", "القاسم", "الخطيب"]
LATIN_FAMILY = ["Meyer", "Rossi", "Keller", "Martin", "Novak", "Silva", "Brunner", "Lindqvist"]
LATIN_GIVEN = ["Anna", "Peter", "Laura", "Marco", "Julia", "Thomas", "Elena", "Jonas"]

# (name as the list has it, name as the customer gave it, birth date, country)
PLANTED = [
    ("Ouyang Zhengming", "欧阳正明", "1961-03-09", "CN"),
    ("欧阳志远", "歐陽志遠", "1975-11-23", "CN"),
    ("Sima Guanghui", "司马光辉", "1958-07-01", "CN"),
    ("Shcherbatov Yevgeny Arkadyevich", "Щербатов Евгений Аркадьевич", "1969-02-14", "RU"),
    ("Черниговский Всеволод", "Chernigovskiy Vsevolod", "1980-12-30", "RU"),
    ("Zhaqsylyq Qairatuly Beisenov", "Жақсылық Қайратұлы Бейсенов", "1972-05-05", "KZ"),
    ("Өтеғали Құныскерей", "Utegali Kunyskerey", "1966-09-17", "KZ"),
    ("عبد الرحمن بن ناصر الدوسري", "Abdulrahman bin Nasser Al-Dosari", "1977-01-20", "AE"),
    ("Vandermeulen Bartholomeus", "Bartholomeus VANDERMEULEN", "1955-10-10", "BE"),
    ("Chuang Ming-tsung", "莊明宗", "1963-06-06", "TW"),
]

PAYLOAD = {
    "originator": {
        "originatorPerson": [
            {
                "naturalPerson": {
                    "name": {
                        "nameIdentifier": [
                            {
                                "primaryIdentifier": "Wu",
                                "secondaryIdentifier": "Xinli",
                                "naturalPersonNameIdentifierType": "LEGL",
                            }
                        ],
                        "localNameIdentifier": [
                            {
                                "primaryIdentifier": "吴",
                                "secondaryIdentifier": "信利",
                                "nameIdentifierType": "LEGL",
                            }
                        ],
                    },
                    "geographicAddress": [
                        {
                            "addressType": "HOME",
                            "streetName": "Abay Avenue",
                            "buildingNumber": "42",
                            "townName": "Almaty",
                            "country": "KZ",
                        }
                    ],
                    "dateAndPlaceOfBirth": {"dateOfBirth": "1984-02-29", "placeOfBirth": "Urumqi"},
                },
                "accountNumber": ["0x52908400098527886E0F7030069857D2E4169EE7"],
            }
        ]
    },
    "beneficiary": {
        "beneficiaryPerson": [
            {
                "legalPerson": {
                    "name": {
                        "nameIdentifier": [
                            {
                                "legalPersonName": "Silk Gate Trading Ltd",
                                "legalPersonNameIdentifierType": "LEGL",
                            }
                        ]
                    }
                },
                "accountNumber": ["0x8617E340B3D01FA5F11F306F4090FD50E238070D"],
            }
        ]
    },
    "payloadMetadata": {"transliterationMethod": ["hani"], "payloadVersion": "101.2023"},
}

FACTS = {
    "activity": "buy",
    "persons": ["individual", "retail"],
    "assets": ["stablecoin"],
    "amount": "400.01 USD",
    "residence": ["KZ"],
    "venue": ["AIFC"],
    "licence": [],
    "issuer": [],
    "controller": [],
    "peg": [],
    "knowledge_test": False,
    "totals": {"kz-aifc/KZ.1000": "600.00 USD"},
}


def han(dice: random.Random) -> str:
    """Return a Chinese name."""
    return dice.choice(HAN_FAMILY) + "".join(dice.sample(HAN_GIVEN, dice.choice((1, 2))))


def russian(dice: random.Random) -> str:
    """Return a Russian name with its patronymic."""
    return " ".join(map(dice.choice, (RUSSIAN_FAMILY, RUSSIAN_GIVEN, RUSSIAN_FATHER)))


def kazakh(dice: random.Random) -> str:
    """Return a Kazakh name."""
    return " ".join(map(dice.choice, (KAZAKH_GIVEN, KAZAKH_FAMILY)))


def arabic(dice: random.Random) -> str:
    """Return an Arabic name of two given names and a family name."""
    return " ".join([*dice.sample(ARABIC_GIVEN, 2), dice.choice(ARABIC_FAMILY)])


def latin(dice: random.Random) -> str:
    """Return a European name."""
    return " ".join(map(dice.choice, (LATIN_GIVEN, LATIN_FAMILY)))


SCRIPTS: list[tuple[Callable[[random.Random], str], str]] = [
    (han, "CN"),
    (russian, "RU"),
    (kazakh, "KZ"),
    (arabic, "AE"),
    (latin, "CH"),
]


def make_customers(count: int, dice: random.Random) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows of customers.csv and of planted.csv."""
    rows = []
    for _ in range(count - len(PLANTED)):
        name, country = dice.choice(SCRIPTS)
        birth = f"{dice.randint(1950, 2005)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        rows.append([name(dice), birth, country])
    rows += [[given, birth, country] for _, given, birth, country in PLANTED]
    dice.shuffle(rows)
    customers = [[f"C-{1000 + index}", *row] for index, row in enumerate(rows)]
    listed = {given: name for name, given, _, _ in PLANTED}
    planted = [[row[0], row[1], listed[row[1]]] for row in customers if row[1] in listed]
    return customers, planted


def watch_list() -> list[dict[str, object]]:
    """Return the watch list as FollowTheMoney entities."""
    return [
        {
            "id": f"example-{index}",
            "schema": "Person",
            "caption": name,
            "properties": {
                "name": [name],
                "birthDate": [birth],
                "nationality": [country.lower()],
                "topics": ["sanction"],
            },
        }
        for index, (name, _, birth, country) in enumerate(PLANTED)
    ]


def main() -> None:
    """Write the files into a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--seed", type=int, default=2017)
    given = parser.parse_args()
    if given.customers < len(PLANTED):
        parser.error(f"--customers must be {len(PLANTED)} at least: so many are on the list")
    given.folder.mkdir(parents=True, exist_ok=True)
    customers, planted = make_customers(given.customers, random.Random(given.seed))
    for name, header, rows in (
        ("customers.csv", ["id", "name", "birth_date", "country"], customers),
        ("planted.csv", ["id", "name", "listed as"], planted),
    ):
        with (given.folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
    lines = [json.dumps(entity, ensure_ascii=False) for entity in watch_list()]
    (given.folder / "watchlist.json").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, content in (("payload.json", PAYLOAD), ("facts.json", FACTS)):
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        (given.folder / name).write_text(text, encoding="utf-8")
    print(f"{len(customers)} customers, {len(planted)} of them on the list, in {given.folder}")


if __name__ == "__main__":
    main()
