"""A region's own list of names: how it is read, and how its faults are told."""

from pathlib import Path

import pytest

from classifier.gazetteer import Gazetteer, GazetteerUnreadable, shipped, shipped_rows
from classifier.place import PlaceFinder
from classifier.place_forms import adjective_nominative, forms


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "places.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_a_regions_file_brings_names_territories_and_aliases(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "name;type;territory;aliases\n"
        "Старый Бузец;деревня;Железногорский район;Бузец|Стар. Бузец\n"
        "КЗТЗ;quarter;Курск;\n"
        "Выгонная;ул.;Курск;Выгон\n",
    )
    finder = PlaceFinder(gazetteer=Gazetteer.read(path))
    assert finder.territory("нет света в Старом Бузце") == "Железногорский район"
    assert finder.find("нет света в Бузце")[0] == "д. Старый Бузец"
    (mention,) = finder.mentions("на КЗТЗ темно")
    assert (mention.type, mention.name, mention.territory) == ("quarter", "КЗТЗ", "Курск")
    (mention,) = finder.mentions("мусор на Выгоне")
    assert (mention.type, mention.name, mention.shown) == ("street", "Выгонная", "ул. Выгонная")


def test_a_typed_name_of_the_file_knows_its_territory(tmp_path: Path) -> None:
    path = written(tmp_path, "name,type,territory\nЛипки,settlement,Суджанский район\n")
    finder = PlaceFinder(gazetteer=Gazetteer.read(path))
    assert finder.territory("с. Липки, ул. Садовая, 4") == "Суджанский район"
    assert finder.territory("д.Липки без воды") == "Суджанский район"


def test_names_of_the_program_go_before_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "name,type,territory\nСосновка,settlement,Район из файла\n")
    finder = PlaceFinder(("Сосновка",), gazetteer=Gazetteer.read(path))
    assert finder.territory("в Сосновке темно") == "Сосновка"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "строка 1: нет столбца name, type"),
        ("название,тип\nКурск,город\n", "строка 1: нет столбца name, type"),
        ("name,type\n", "нет ни одного названия"),
        ("name,type\n,город\n", "строка 2: пустое название"),
        ("name,type\nКурск,планета\n", "строка 2: неизвестный тип «планета»"),
        ("name,type\nКурск,город\n\n123,город\n", "строка 4: в названии «123» нет букв"),
        ("name,type\nКурск, город,лишнее\n", "строка 2: ячеек больше, чем столбцов"),
        (f"name,type\n{'А' * 90},город\n", "строка 2: название длиннее"),
        (f"name,type\n{'А' * 140_000},город\n", "слишком длинная ячейка"),
    ],
)
def test_a_bad_file_is_told_in_words_by_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(GazetteerUnreadable) as caught:
        Gazetteer.read(written(tmp_path, text))
    assert any(told in fault for fault in caught.value.faults), caught.value.faults


def test_all_faults_are_told_at_once_and_not_without_end(tmp_path: Path) -> None:
    path = written(tmp_path, "name,type\n" + "Курск,планета\n" * 50)
    with pytest.raises(GazetteerUnreadable) as caught:
        Gazetteer.read(path)
    assert len(caught.value.faults) == 21
    assert caught.value.faults[-1] == "и ещё 30"


def test_a_file_that_is_missing_or_in_another_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(GazetteerUnreadable, match="не открывается"):
        Gazetteer.read(tmp_path / "none.csv")
    with pytest.raises(GazetteerUnreadable, match="UTF-8"):
        Gazetteer.read(written(tmp_path, "name,type\nКурск,город\n", encoding="cp1251"))
    with pytest.raises(GazetteerUnreadable, match="не открывается"):
        Gazetteer.read(tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Курск", {"курска", "курску", "курском", "курске"}),
        ("Обоянь", {"обояни", "обоянью"}),
        ("Щигры", {"щигров", "щиграм", "щиграми", "щиграх"}),
        ("Елец", {"ельца", "ельцом", "ельце"}),
        ("Бузец", {"бузца", "бузцом"}),
        ("Химки", {"химок", "химках"}),
        ("Касторное", {"касторного", "касторном"}),
        ("Старый Бузец", {"старого бузца", "старым бузцом", "старом бузце"}),
        ("Верхняя Пышма", {"верхней пышмы", "верхней пышме", "верхнюю пышму"}),
        ("Верхнее Гуторово", {"верхнем гуторово", "верхнем гуторове"}),
        ("Постоялые Дворы", {"постоялых дворов", "постоялых дворах"}),
        ("Большие Нижние Поляны", {"больших нижних полянах"}),
        ("Ростов-на-Дону", {"ростова-на-дону", "ростове-на-дону"}),
        ("Попово-Лежачи", {"попово-лежачах"}),
        ("имени Карла Либкнехта", {"имени карла либкнехта"}),
        ("", set()),
    ],
)
def test_names_bend_through_the_cases(name: str, expected: set[str]) -> None:
    assert expected <= set(forms(name))


@pytest.mark.parametrize(
    ("word", "gender", "nominative"),
    [
        ("литейной", "femn", "литейная"),
        ("верхней", "femn", "верхняя"),
        ("рабочей", "femn", "рабочая"),
        ("майском", "masc", "майский"),
        ("воротнего", "masc", "воротний"),
        ("заводском", "masc", "заводской"),
        ("магистральном", "masc", "магистральный"),
        ("ленинградском", "neut", "ленинградское"),
        ("дзержинского", "femn", "дзержинского"),
        ("чайковского", "masc", "чайковского"),
        ("крупской", "femn", "крупской"),
        ("победы", "masc", "победы"),
    ],
)
def test_a_street_stands_in_the_nominative_unless_it_bears_a_person(
    word: str, gender: str, nominative: str
) -> None:
    assert adjective_nominative(word, gender) == nominative


def test_the_shipped_list_holds_towns_and_no_ordinary_words() -> None:
    names = {name for name, _ in shipped_rows()}
    assert {"Тула", "Железногорск", "Обоянь", "Нижний Новгород"} <= names
    assert not {"Ключи", "Советский", "Мирный", "Владимир", "Киров"} & names
    assert len(names) > 3_000
    assert "железногорске" in shipped().by_first


def test_one_region_of_the_shipped_list() -> None:
    kursk = Gazetteer.shipped(region="41")
    assert "обояни" in kursk.by_first
    assert "туле" not in kursk.by_first
