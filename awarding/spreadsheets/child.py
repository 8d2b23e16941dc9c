"""The program that parses an untrusted file, run as a process of its own with hard limits on what it may use.

It is started as a bare script (``python -I -S child.py``) so that it imports nothing of the portal, inherits no
secrets, and starts in some thirty milliseconds. Its only argument is the folder of the parsing library, which it loads
before it is told of a file; the limits are set before that file is opened. It speaks JSON, one line at a time:

    in   {"path", "kind", "head", "memory", "cpu", "rows"}              what to open, and the limits
    out  {"sheets": [{"name", "hidden", "column", "head": [[row, cell, …], …]}]}
    in   {"sheet": 0}                                                   which sheet is wanted
    out  {"columns": [[row, …], [cell, …], …], "dates": [4]}             several hundred rows to a line, a column at a time
    out  [[row, cell, …], …]                                            the same where rows differ in length
    out  {"end": 50000}                                                 how many rows that hold anything
    out  {"error": "damaged" | "encrypted" | "memory" | "too_many_rows" | …, "row": 17}   instead of any of these

`row` counts from 1 as a spreadsheet does, `column` is the number of the first cell's column. A cell is text, a
number, true, false, or a pair: ["d", "2003-01-31"], ["t", "2003-01-31T12:00:00"] or ["h", text] for a time or span.
The columns numbered in "dates" hold nothing but dates, sent as "2003-01-31" alone: pairs take longest to write and read.
"""

import codecs
import csv
import datetime
import io
import itertools
import json
import resource
import sys

_ROWS_A_LINE = 400
_LONGEST_CELL = 40_000
_DELIMITERS = ",;\t|"


class Refusal(Exception):
    """Ends the program with an error line."""

    def __init__(self, code, row=None):
        super().__init__(code)
        self.code = code
        self.row = row


def main():
    """Do what the first line on standard input asks for; without one, nothing."""
    sys.path.append(sys.argv[1])
    import python_calamine as calamine

    line = sys.stdin.readline()
    if not line:
        return
    request = json.loads(line)
    for name, value in (
        (resource.RLIMIT_AS, request["memory"]),
        (resource.RLIMIT_CPU, request["cpu"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (value, value))
    try:
        sheets = workbook_sheets(calamine, request) if request["kind"] == "xlsx" else csv_sheets(request)
        answer({"sheets": [sheet.look(request["head"]) for sheet in sheets]})
        chosen = json.loads(sys.stdin.readline() or "{}").get("sheet")
        if chosen is None:
            return
        send_rows(sheets[chosen].rows(), request["rows"])
    except Refusal as refusal:
        answer({"error": refusal.code, "row": refusal.row})
    except MemoryError:
        answer({"error": "memory"})


def answer(message):
    """Write one line to standard output."""
    sys.stdout.write(json.dumps(message, default=tagged, ensure_ascii=False))
    sys.stdout.write("\n")
    sys.stdout.flush()


def tagged(value):
    """Turn what JSON has no form for into a pair."""
    if isinstance(value, datetime.datetime):
        return ["t", value.isoformat()]
    if isinstance(value, datetime.date):
        return ["d", value.isoformat()]
    return ["h", str(value)]


def send_rows(rows, limit):
    """Write the rows that hold anything, then how many there were."""
    encode = json.JSONEncoder(default=tagged, ensure_ascii=False, check_circular=False).encode
    count = 0
    while batch := list(itertools.islice(rows, _ROWS_A_LINE)):
        count += len(batch)
        if count > limit:
            raise Refusal("too_many_rows", batch[limit - count][0])
        sys.stdout.write(encode(by_column(batch) if len(set(map(len, batch))) == 1 else batch))
        sys.stdout.write("\n")
    answer({"end": count})


def by_column(rows):
    """Turn rows of one length into columns, and dates into text where a column has nothing else."""
    columns, dates = [list(column) for column in zip(*rows, strict=True)], []
    for place, column in enumerate(columns):
        if type(column[0]) is datetime.date and set(map(type, column)) == {datetime.date}:
            columns[place] = list(map(str, column))
            dates.append(place)
    return {"columns": columns, "dates": dates}


class Sheet:
    """One sheet of a workbook as calamine gives it."""

    def __init__(self, sheet, hidden):
        self.sheet = sheet
        self.hidden = hidden
        start = sheet.start or (0, 0)
        self.column = start[1] + 1

    def look(self, head):
        """Return the name and the first rows."""
        rows = list(itertools.islice(self.rows(), head))
        return {"name": self.sheet.name, "hidden": self.hidden, "column": self.column, "head": rows}

    def rows(self):
        """Yield [row number, cell, …] of every row that holds anything."""
        for number, row in enumerate(self.sheet.iter_rows(), start=1):
            if row[0] != "" or any(cell != "" for cell in row):
                row.insert(0, number)
                yield row


class Csv:
    """A CSV file as if it were a workbook's only sheet."""

    hidden = False
    column = 1

    def __init__(self, text):
        first, _, rest = text.partition("\n")
        if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
            self.text, self.delimiter, self.before = rest, first.strip()[4], 1
        else:
            self.text, self.delimiter, self.before = text, delimiter_of(text), 0

    def look(self, head):
        """Return the first rows; a CSV file has no sheet name of its own."""
        return {"name": "CSV", "hidden": False, "column": 1, "head": list(itertools.islice(self.rows(), head))}

    def rows(self):
        """Yield [row number, cell, …] of every row that holds anything, counted as a spreadsheet would."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True)
        number = self.before
        while True:
            number += 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise Refusal("csv_quotes", number) from None
            if any(row):
                yield [number, *row]


def workbook_sheets(calamine, request):
    """Open a workbook; every sheet is parsed once."""
    try:
        workbook = calamine.CalamineWorkbook.from_path(request["path"])
        sheets = []
        for index, meta in enumerate(workbook.sheets_metadata):
            if meta.typ == calamine.SheetTypeEnum.WorkSheet:
                hidden = meta.visible != calamine.SheetVisibleEnum.Visible
                sheets.append(Sheet(workbook.get_sheet_by_index(index), hidden))
        return sheets
    except calamine.PasswordError:
        raise Refusal("encrypted") from None
    except calamine.CalamineError:
        raise Refusal("damaged") from None
    except MemoryError:
        raise
    except BaseException:  # a panic in the parser is no Exception
        raise Refusal("damaged") from None


def csv_sheets(request):
    """Read and decode a CSV file: UTF-8, UTF-16 with a mark, or Windows-1252 as Excel writes it."""
    csv.field_size_limit(_LONGEST_CELL)
    with open(request["path"], "rb") as file:
        data = file.read()
    try:
        marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise Refusal("csv_encoding") from None
    if "\x00" in text:
        raise Refusal("not_a_table")
    return [Csv(text)]


def delimiter_of(text):
    """Return the delimiter that splits the first lines most evenly; a comma where nothing does."""
    lines = [line for line in text[:100_000].splitlines()[:60] if line.strip()][:30]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        counts = [len(unquoted(line).split(delimiter)) - 1 for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        score = usual * counts.count(usual) / max(len(lines), 1)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def unquoted(line):
    """Return the line without what stands in quotation marks."""
    return "".join(line.split('"')[::2])


if __name__ == "__main__":
    main()
