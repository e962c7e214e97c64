"""The shipped notebook runs from the demo's store, and its .ipynb is the .py."""

from __future__ import annotations

import os
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient

from pipeline.jobs.demo import run_case
from pipeline.model.cases import load_case
from pipeline.model.errors import NotFound
from pipeline.model.files import notebooks_root
from pipeline.model.settings import Settings


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_case(load_case("ankara-2022-11-14"), Settings(data_dir=tmp_path), lambda *_: None)
    monkeypatch.setenv("TARMAC_DATA_DIR", str(tmp_path))
    notebook = jupytext.read(notebooks_root() / "01_ankara.py")
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = str([cell.get("outputs") for cell in notebook.cells])
    assert "RECONSTRUCTION" in said
    assert "RA-64057" in said
    assert "image/png" in said
    assert os.environ["TARMAC_DATA_DIR"] == str(tmp_path)


def test_the_ipynb_is_the_py() -> None:
    names = ("01_ankara.py", "01_ankara.ipynb")
    code = [[c.source for c in jupytext.read(notebooks_root() / name).cells if c.cell_type == "code"] for name in names]
    assert code[0] == code[1]


def test_a_case_that_was_not_played_says_what_to_do(tmp_path: Path) -> None:
    from pipeline.desk import open_case

    with pytest.raises(NotFound) as caught:
        open_case("ankara-2022-11-14", data_dir=tmp_path)
    assert caught.value.hint == "run: tarmac demo ankara-2022-11-14"
