"""Parquet files."""

from __future__ import annotations

import io
from pathlib import Path

from intake.files.data_file import DataFile
from intake.options import ReadOptions
from triage.errors import DataError


def read_parquet(path: Path, raw: bytes, options: ReadOptions) -> DataFile:  # noqa: ARG001 (as the other readers)
    """Reads a Parquet file.

    Raises:
        DataError: it is none, or a damaged one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(io.BytesIO(raw)).read()  # not read_table(): a folder named a=b would add a column
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise DataError(f"{path}：不是可读的 Parquet 文件（{str(error).splitlines()[0]}）") from error
    data = DataFile(path, "parquet")
    data.name_columns(table.column_names)
    values = [table.column(i).to_pylist() for i in range(table.num_columns)]
    data.rows = [
        (n, dict(zip(data.columns, cells, strict=True))) for n, cells in enumerate(zip(*values, strict=True), start=1)
    ]
    return data
