"""Spreadsheets in and out: reading what strangers upload, writing what people open.

In: `preflight` looks at a file, `read_table` reads one table of it in a capped child process. Every fault names
sheet, cell, value and remedy. Out: `write_table`, `write_csv`, `upload_template`, `faults_workbook`, and for eRACs
`grid_workbook` with its counterpart `read_grid`.
"""
