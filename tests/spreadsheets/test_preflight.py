"""Files that are not what they seem are refused before a parser sees them, each with its remedy."""

import io
import struct
import zipfile
import zlib

import pytest

from awarding.spreadsheets.limits import Limits, UnsafeFileError
from awarding.spreadsheets.preflight import preflight

from . import builders

PLAIN = builders.xlsx([["ULN", "Name"], ["1000102504", "Siân Ó Briain"]])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refused(data, **limits):
    with pytest.raises(UnsafeFileError) as caught:
        preflight(data, limits=Limits(**limits))
    assert caught.value.message and caught.value.fix
    return caught.value.code


def test_plain_workbook_passes_and_is_described():
    looked = preflight(PLAIN)
    assert looked.kind == "xlsx"
    assert looked.size == len(PLAIN)
    assert [(s.name, s.hidden, s.cells, s.formulas) for s in looked.sheets] == [("Learners", False, 4, ())]


def test_path_and_bytes_are_the_same(tmp_path):
    path = tmp_path / "upload.bin"
    path.write_bytes(PLAIN)
    assert preflight(path) == preflight(str(path)) == preflight(PLAIN)


@pytest.mark.parametrize(
    "data", [b"ULN;Name\n1;2\n", "ULN,Name\nÉ,ß".encode("cp1252"), "\ufeffULN\tName".encode("utf-16")]
)
def test_csv_passes(data):
    assert preflight(data).kind == "csv"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (b"\xef\xbb\xbf  <HTML><table><tr><td>1</td></tr></table>", "not_a_table"),
        (b'<?xml version="1.0"?><Workbook/>', "not_a_table"),
        (b"ULN,Name\n\x00\x01\x02", "not_a_table"),
        (OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"), "old_excel"),
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (OLE + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "not_a_table"),
        (b"PK", "damaged"),
        (builders.with_parts({"mimetype": "x", "content.xml": "<a/>"}), "opendocument"),
        (builders.with_parts({"[Content_Types].xml": "<Types/>", "word/document.xml": "<a/>"}), "other_archive"),
        (builders.with_parts({"holiday.jpg": b"\xff\xd8\xff"}), "other_archive"),
        (builders.with_parts({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"1"}), "binary_workbook"),
    ],
)
def test_other_kinds_of_file_are_named(data, code):
    assert refused(data) == code


def test_upload_larger_than_allowed_is_refused():
    assert refused(b"a,b\n" * 100, upload=399) == "too_large"
    assert preflight(b"a,b\n" * 100, limits=Limits(upload=400)).size == 400


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated_workbook_is_refused(share):
    assert refused(PLAIN[: int(len(PLAIN) * share)]) == "damaged"


def test_any_flipped_byte_is_refused_or_harmless():
    for place in range(0, len(PLAIN), 41):
        data = bytearray(PLAIN)
        data[place] ^= 0x5A
        try:
            preflight(bytes(data))
        except UnsafeFileError as error:
            assert error.fix


def bomb(size):
    parts = builders.minimal_parts(builders.sheet(builders.text_cell("A1", "ULN")))
    return builders.with_parts(parts | {"xl/media/image1.png": b"\0" * size})


def test_zip_bomb_is_refused_by_what_comes_out():
    assert refused(bomb(20_000_000)) == "inflates_too_far"
    assert refused(bomb(4_000_000), inflated=3_000_000) == "inflates_too_far"
    assert preflight(bomb(4_000_000)).kind == "xlsx"


def test_zip_bomb_that_lies_about_its_size_is_refused():
    """The directory says 10 bytes, the stream holds twenty million: what comes out counts."""
    data = bytearray(bomb(20_000_000))
    true_size = struct.pack("<L", 20_000_000)
    assert true_size in data
    data = data.replace(true_size, struct.pack("<L", 10))
    assert refused(bytes(data)) == "inflates_too_far"
    small = bytearray(bomb(1_000_000)).replace(struct.pack("<L", 1_000_000), struct.pack("<L", 10))
    assert refused(bytes(small)) == "damaged"


def test_part_with_another_checksum_is_refused():
    parts = builders.minimal_parts(builders.sheet(builders.text_cell("A1", "ULN")))
    checksum = zlib.crc32(parts["xl/worksheets/sheet1.xml"].encode())
    data = bytearray(builders.with_parts(parts))
    assert refused(bytes(data.replace(struct.pack("<L", checksum), struct.pack("<L", checksum ^ 1)))) == "damaged"


def test_two_parts_of_one_name_are_refused():
    buffer = io.BytesIO(PLAIN)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("XL/worksheets/sheet1.xml", "<worksheet/>")
    assert refused(buffer.getvalue()) == "damaged"


def test_part_with_another_name_in_its_own_header_is_refused():
    data = PLAIN.replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml", 1)
    assert refused(data) == "damaged"


def test_too_many_parts_are_refused():
    parts = builders.minimal_parts("") | {f"xl/media/{n}.png": b"" for n in range(30)}
    assert refused(builders.with_parts(parts), parts=34) == "too_many_parts"


BILLION_LAUGHS = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>'


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "docProps/core.xml", "xl/any.bin"]
)
def test_entity_bomb_in_any_part_is_refused(part):
    assert refused(builders.changed(PLAIN, {part: BILLION_LAUGHS + "<a>&lol2;</a>"})) == "entities"


def test_entity_declaration_across_two_chunks_is_refused():
    filler = "<?xml version='1.0'?><!--" + "x" * (1024 * 1024 - 25 - 3 - 4) + "-->"
    content = filler + BILLION_LAUGHS.removeprefix('<?xml version="1.0"?>') + "<a/>"
    place = content.index("<!DOCTYPE")
    assert place < 1024 * 1024 < place + 9
    assert refused(builders.changed(PLAIN, {"xl/big.xml": content})) == "entities"


@pytest.mark.parametrize(
    "content", ["<a/>".encode("utf-16"), b'<?xml version="1.0" encoding="UTF-7"?><a/>', "<a/>".encode("utf-16-be")]
)
def test_encodings_that_would_hide_declarations_are_refused(content):
    assert refused(builders.changed(PLAIN, {"xl/worksheets/sheet1.xml": content})) == "encoding"


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml"])
def test_macros_are_refused(part):
    assert refused(builders.changed(PLAIN, {part: "<a/>"})) == "macros"


def test_macro_content_type_is_refused():
    types = '<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
    assert refused(builders.changed(PLAIN, {"[Content_Types].xml": types})) == "macros"


@pytest.mark.parametrize("part", ["xl/externalLinks/externalLink1.xml", "xl/connections.xml"])
def test_external_data_is_refused(part):
    assert refused(builders.changed(PLAIN, {part: "<a/>"})) == "external_links"


def relationship(kind):
    return (
        f'<Relationships xmlns="{builders.PACKAGE}/relationships"><Relationship Id="r1" TargetMode="External" '
        f'Type="{builders.OFFICE}/{kind}" Target="mailto:someone@example.org"/></Relationships>'
    )


def test_external_relationship_is_refused_but_a_hyperlink_is_not():
    part = "xl/worksheets/_rels/sheet1.xml.rels"
    assert refused(builders.changed(PLAIN, {part: relationship("oleObject")})) == "external_links"
    assert preflight(builders.changed(PLAIN, {part: relationship("hyperlink")})).kind == "xlsx"


@pytest.mark.parametrize("part", ["xl/embeddings/oleObject1.bin", "xl/activeX/activeX1.xml"])
def test_embedded_objects_are_refused(part):
    assert refused(builders.changed(PLAIN, {part: b"<a/>"})) == "embedded_objects"


def test_password_protected_zip_is_refused():
    data = bytearray(PLAIN)
    local = data.index(b"PK\x03\x04")
    central = data.index(b"PK\x01\x02")
    data[local + 6] |= 1
    data[central + 8] |= 1
    assert refused(bytes(data)) == "encrypted"


FAR = [
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
    '<row r="1048576"><c\nr="XFD1048576"><v>1</v></c></row>',
    '<row r="1048576"><c s="0" r = "XFD1048576"><v>1</v></c></row>',
    '<row r="1048576"><c><v>1</v></c></row>',
    '<row r="1"><c r="A1048576"><v>1</v></c></row>',
    '<row r="1"><c r="XFD1"><v>1</v></c></row>',
    '<row r="1"><c r="xfd1"><v>1</v></c></row>',
    '<row r="1"><c r="IW1"><v>1</v></c></row>',
    '<row r="120001"><c r="A120001"><v>1</v></c></row>',
]


@pytest.mark.parametrize("cells", FAR)
def test_cell_far_out_is_refused_however_it_is_written(cells):
    assert refused(builders.package(builders.sheet(cells))) == "reaches_too_far"


def test_cell_far_out_in_a_prefixed_sheet_is_refused():
    cells = FAR[0].replace("<", "<x:").replace("<x:/", "</x:")
    assert refused(builders.package(builders.sheet(cells, prefix="x"))) == "reaches_too_far"


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1048576" ht="12.8" customHeight="1"/>',
        '<row r="1048576"><c r="A1048576" s="1"/></row>',
        '<row r="1"><c r="IV1"><v>1</v></c></row>',
        '<row r="120000"><c r="A120000"><v>1</v></c></row>',
    ],
)
def test_far_rows_that_hold_nothing_are_harmless(cells):
    """LibreOffice and Excel write such rows when a whole column was formatted."""
    assert preflight(builders.package(builders.sheet(cells))).kind == "xlsx"


def test_false_dimension_plays_no_part():
    xml = builders.sheet(FAR[0]).replace("<sheetData>", '<dimension ref="A1"/><sheetData>')
    assert refused(builders.package(xml)) == "reaches_too_far"


def test_too_many_cells_are_refused():
    cells = "".join(f'<row r="{r}"><c r="A{r}" s="1"/></row>' for r in range(1, 12))
    assert refused(builders.package(builders.sheet(cells)), cells=10) == "too_many_cells"
    assert preflight(builders.package(builders.sheet(cells)), limits=Limits(cells=11)).sheets[0].cells == 11


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B2"><f>1+1</f><v>2</v></c>',
        '<c r="B2" s="1" t="str"><f t="shared" si="0"/><v>2</v></c>',
        '<c r="B2">\n <f\n>1+1</f><v>2</v></c>',
        "<c r='B2'><f>1+1</f><v>2</v></c>",
        '<c r="B2"><v>2</v><f>1+1</f></c>',
    ],
)
def test_formulas_are_found_however_they_are_written(cell):
    xml = builders.sheet(f'<row r="2"><c r="A2"><v>1</v></c>{cell}<c r="C2"><v>3</v></c></row>')
    assert preflight(builders.package(xml)).sheets[0].formulas == ("B2",)


def test_formulas_across_many_chunks_are_all_found():
    rows = [["ULN"], *([(f"=A{n}", "x" * 300)] for n in range(5000))]
    data = builders.xlsx(rows)
    looked = preflight(data)
    assert looked.inflated > 2_000_000 or looked.sheets[0].cells == 5001
    assert looked.sheets[0].formulas == tuple(f"A{n}" for n in range(2, 5002))


def test_error_values_are_found():
    xml = builders.sheet('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>')
    assert preflight(builders.package(xml)).sheets[0].errors == ("A1",)


def test_worksheet_in_a_part_of_another_name_is_looked_at():
    parts = builders.minimal_parts(builders.sheet(FAR[0]))
    parts["xl/odd/thing.dat"] = parts.pop("xl/worksheets/sheet1.xml")
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace("worksheets/sheet1.xml", "odd/thing.dat")
    assert refused(builders.with_parts(parts)) == "reaches_too_far"


def test_workbook_without_its_list_of_sheets_is_refused():
    assert refused(builders.changed(PLAIN, {"xl/workbook.xml": None})) == "damaged"
    assert refused(builders.changed(PLAIN, {"xl/workbook.xml": "<not closed"})) == "damaged"
