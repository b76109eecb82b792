import csv
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing

import pytest

from lomi.cli.bulk import import_
from lomi.cli.bulk.import_ import Source
from lomi.cli.bulk.importer import Importer
from lomi.cli.errors import CommandError
from tests.cli.bulk.import_experiment import experiment
from tests.cli.bulk.imports import POST, posts, stored, write
from tests.wire import LIVE_KEY


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "people.csv", [[f"Awa {n}", f"awa.{n}@example.com"] for n in range(5)])


def test_an_import(run, sandbox, file):
    run("customers", "import", file)
    assert run.out == "5 imported, 0 rejected, 0 remaining.\n"
    assert sorted(path.name for path in file.parent.iterdir()) == ["people.csv", "people.csv.journal"]
    assert stat.S_IMODE((file.parent / "people.csv.journal").stat().st_mode) == 0o600
    sent = posts(sandbox)
    assert run.json("customers", "import", file) == {
        "imported": 5,
        "rejected": 0,
        "unknown": 0,
        "remaining": 0,
        "rejects": None,
    }
    assert posts(sandbox) == sent


def test_an_import_with_sandbox_leaves_no_journal(run, file):
    run("customers", "import", file, "--sandbox")
    assert run.out.startswith("5 imported")
    assert [path.name for path in file.parent.iterdir()] == ["people.csv"]


def test_the_file_cannot_steer_the_terminal(run, tmp_path):
    (tmp_path / "people.csv").write_text("name,\x1b[31mred\x1b[0m\n")
    run("customers", "import", tmp_path / "people.csv", code=2)
    assert 'unknown column " [31mred [0m" in the first line' in run.err


def test_a_dry_run_sends_nothing_and_needs_no_key(run, file):
    run("customers", "import", file, "--dry-run")
    assert run.out == "5 valid, 0 rejected; nothing was sent.\n"
    assert [path.name for path in file.parent.iterdir()] == ["people.csv"]


def test_a_file_with_invalid_rows_is_not_imported(run, sandbox, tmp_path):
    file = write(tmp_path / "people.csv", [["Awa", "awa@example.com"], ["", "nobody"], ["=x", "a b@c"]])
    run("customers", "import", file, code=2)
    assert run.err.startswith(
        "lomi-py: 2 of 3 rows are invalid, and nothing was sent; correct what people.csv.rejects.csv lists"
    )
    assert posts(sandbox) == 0
    with (tmp_path / "people.csv.rejects.csv").open(newline="") as text:
        assert list(csv.reader(text)) == [
            ["line", "field", "problem", "fix"],
            ["3", "name", "is required", "pass name"],
            ["3", "email", "cannot be an e-mail address", "such as amadou.ba@example.com"],
            ["4", "email", "cannot be an e-mail address", "such as amadou.ba@example.com"],
        ]
    run("customers", "import", file, "--skip-rejects", "--dry-run", code=7)
    run("customers", "import", file, "--skip-rejects", code=7)
    assert run.out == "1 imported, 2 rejected, 0 remaining.\n"
    write(file, [["Awa", "awa@example.com"], ["Bintou", ""], ["=x", "a@b"]])
    run("customers", "import", file)
    assert run.out == "3 imported, 0 rejected, 0 remaining.\n"
    assert not (tmp_path / "people.csv.rejects.csv").exists()
    assert posts(sandbox) == 3


@pytest.mark.parametrize("name", ["people.csv", "notes.txt", "people.csv.journal", "directory"])
def test_another_file_is_not_replaced_by_the_rejects(run, sandbox, file, monkeypatch, name):
    run("customers", "import", file)
    (file.parent / "notes.txt").write_text("mine")
    (file.parent / "directory").mkdir()
    monkeypatch.chdir(file.parent)
    before = {path: path.is_file() and path.read_bytes() for path in file.parent.iterdir()}
    for path in (name, file.parent / name, file.parent / "directory" / ".." / name):
        run("customers", "import", file, "--rejects", path, "--dry-run", code=2)
    run("customers", "import", file, "--rejects", "x", "--journal", "directory/../x", code=2)
    run("customers", "import", file, "--journal", "people.csv.rejects.csv", code=2)
    assert {path: path.is_file() and path.read_bytes() for path in file.parent.iterdir()} == before


def test_rejects_may_replace_an_empty_file(run, file):
    (file.parent / "bad.csv").touch()
    run("customers", "import", file, "--rejects", file.parent / "bad.csv", "--dry-run")
    assert not (file.parent / "bad.csv").exists()


def test_a_pipe_is_refused(run, tmp_path):
    os.mkfifo(tmp_path / "people.csv")
    run("customers", "import", tmp_path / "people.csv", code=2)
    assert run.err.startswith("lomi-py: people.csv is not a regular file; ")


def test_a_link_and_its_target_share_a_journal(run, sandbox, file, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.csv"
    link.symlink_to(file)
    run("customers", "import", link)
    run("customers", "import", file)
    assert posts(sandbox) == 5
    assert [path.name for path in link.parent.iterdir()] == ["link.csv"]


def test_a_file_that_changes_stops_the_import(run, sandbox, file):
    text = file.read_text("utf-8")
    sandbox.fail(400, route=POST, times=None)
    changed = []

    def change(self, *arguments):
        if not changed:
            changed.append(file.write_text("name,email\nNew,\n" + text.removeprefix("name,email\n"), "utf-8"))
        return carry_out(self, *arguments)

    carry_out = Importer._perform
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Importer, "_perform", change)
        run("customers", "import", file, "--concurrency", 1, code=1)
    assert run.err == "lomi-py: people.csv changed while it was being read; run the command again\n"


def test_a_file_that_is_truncated_is_noticed(tmp_path):
    file = write(tmp_path / "people.csv", [["Awa", ""], ["Bintou", ""]])
    source = Source(file, "csv")
    rows = source.rows()
    next(rows)
    next(rows)
    write(file, [])
    with pytest.raises(CommandError, match="changed while it was being read"):
        next(rows)


@pytest.mark.parametrize(
    "option", [["--grace-period", "inf"], ["--grace-period", "nan"], ["--rate", 10**20], ["--rate", 0]]
)
def test_an_option_out_of_range(run, file, option):
    run("customers", "import", file, *option, code=2)


def test_a_clock_that_was_ahead_does_not_delay_the_next_import(run, sandbox, file, monkeypatch):
    run("customers", "import", file, "--rate", 5)
    with closing(sqlite3.connect(f"{file}.journal")) as journal:
        journal.execute("UPDATE rows SET at = at + 100000")
        journal.commit()
    slept = []
    monkeypatch.setattr(import_, "_sleep", lambda seconds: slept.append(seconds) or sandbox.fail(403, route=POST))
    began = time.time()
    monkeypatch.setattr(import_, "steady_clock", lambda: lambda: began + sum(slept))
    with file.open("a") as more:
        more.write("Bintou,\n")
    run("customers", "import", file, "--rate", 5, code=4)
    assert 0 < max(slept) <= 900


def test_an_import_does_not_continue_for_another_merchant(run, sandbox, file, monkeypatch):
    run("customers", "import", file)
    shop = sandbox.merchant("Shop")
    monkeypatch.setenv("LOMI_API_KEY", shop.api_key)
    run("customers", "import", file, code=2)
    assert f", not test {os.environ['LOMI_BASE_URL']} {shop.organization_id}; name another" in run.err


def test_after_an_unknown_outcome_the_hint_is_to_run_it_again(run, sandbox, file):
    sandbox.fail(503, route=POST, times=None)
    run("customers", "import", file, "--grace-period", 0, code=6)
    assert run.err.startswith("lomi-py: stopped: 503")
    assert "look whether" not in run.err


def test_a_long_pause_is_announced_on_a_terminal(monkeypatch, capsys):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for seconds in (5, 90):
        import_._sleep(seconds)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    for seconds in (5, 90):
        import_._sleep(seconds)
    assert capsys.readouterr().err.startswith("lomi-py: paused for 1.5 minutes")
    assert slept == [5, 90, 5, 90]


def test_a_second_ctrl_c_stops_at_once_and_the_next_run_continues(sandbox, file):
    held = sandbox.delay(5, route=POST, times=5)
    command = [sys.executable, "-m", "lomi", "customers", "import", str(file), "--grace-period", "0", "--json"]
    # What runs in the background has been told to ignore Ctrl-C, and so are its children.
    code = "import runpy, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "runpy.run_module('lomi', run_name='__main__')"
    attentive = [sys.executable, "-c", code, *command[3:]]
    with subprocess.Popen(attentive, stderr=subprocess.PIPE, text=True) as started:
        while held.struck < 5:
            time.sleep(0.01)
        started.send_signal(signal.SIGINT)
        said = started.stderr.readline()
        assert said == "lomi-py: finishing running requests; press Ctrl-C again to stop at once\n"
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=60) == -signal.SIGINT
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["imported"] == 5
    assert len(stored(sandbox)) == 155


def test_a_rejected_row_is_listed_and_can_be_corrected(run, sandbox, file):
    sandbox.fail(400, message="=no", route=POST)
    run("customers", "import", file, "--concurrency", 1, code=7)
    assert '2,,rejected: =no,"correct the row' in (file.parent / "people.csv.rejects.csv").read_text()
    write(file, [["Bintou", ""], *([f"Awa {n}", f"awa.{n}@example.com"] for n in range(1, 5))])
    run("customers", "import", file)
    names = [customer.name for customer in stored(sandbox)]
    assert len(names) == 155
    assert "Bintou" in names
    assert "Awa 0" not in names


def test_a_line_that_was_sent_must_not_change(run, sandbox, file):
    run("customers", "import", file)
    write(file, [["Awa 0", "awa.0@example.com"], ["Awa", "awa.1@example.com"]])
    run("customers", "import", file, code=2)
    assert "line 3 was sent in an earlier run and has changed since" in run.err


def test_a_line_that_was_sent_must_not_be_removed(run, sandbox, file):
    sandbox.fail(400, route=POST, skip=4)
    run("customers", "import", file, "--concurrency", 1, code=7)
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:4]), "utf-8")
    run("customers", "import", file, code=2)
    assert run.err.startswith("lomi-py: the file has 3 rows, but row 4 was sent in an earlier run; restore")
    # The fifth was refused: nothing is lost with it.
    file.write_text("".join(lines[:5]), "utf-8")
    run("customers", "import", file)
    assert posts(sandbox) == 5


def test_a_file_without_customers(run, tmp_path):
    run("customers", "import", write(tmp_path / "people.csv", []))
    assert run.out == "0 valid, 0 rejected; nothing was sent.\n"


def test_a_file_that_is_not_utf_8(run, tmp_path):
    (tmp_path / "people.csv").write_bytes("name\nAïssatou\n".encode("latin-1"))
    run("customers", "import", tmp_path / "people.csv", code=2)
    assert "people.csv is not UTF-8" in run.err


def test_the_rejects_never_replace_the_file(run, file):
    run("customers", "import", file, "--rejects", file, code=2)
    assert "--rejects and --journal must name files of their own" in run.err
    assert file.exists()


def test_a_stopped_import_says_how_to_continue(run, sandbox, file):
    sandbox.fail(403, route=POST, times=None)
    run("customers", "import", file, code=4)
    assert run.err.startswith("lomi-py: stopped: 403")
    assert run.err.endswith("run the same command again to continue\n")


def test_an_import_with_unknown_outcomes(run, sandbox, file, monkeypatch):
    def doubtful(self, rows):
        report = self._conclude()
        report.unknown.append((3, "no response"))
        return report

    monkeypatch.setattr(Importer, "run", doubtful)
    run("customers", "import", file, code=6)
    assert "1 rows may have been imported (line 3: no response)" in run.err


def test_an_interrupted_import_says_how_to_continue(run, sandbox, file, monkeypatch):
    def interrupted(self, rows):
        raise KeyboardInterrupt

    monkeypatch.setattr(Importer, "run", interrupted)
    run("customers", "import", file, code=130)
    assert run.err == "lomi-py: interrupted: 0 of 5 imported; run the same command again to continue\n"


def test_a_live_import_asks_first(run, file, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", LIVE_KEY)
    run("customers", "import", file, code=2)
    assert "this would create up to 5 customers in live mode" in run.err


@pytest.mark.parametrize("dialect", ["docs", "server"])
def test_there_is_one_customer_per_row_after_kills_and_faults(tmp_path, dialect):
    result = experiment(rows=200, kills=3, seed=7, directory=tmp_path, dialect=dialect, held=0.1)
    assert result.exact, result
    assert result.kills
    assert result.struck


def test_a_broken_pipe_does_not_hide_rejected_rows(tmp_path):
    file = write(tmp_path / "people.csv", [["Awa", ""], ["", "x"]])
    command = [sys.executable, "-u", "-m", "lomi", "customers", "import", file, "--sandbox", "--skip-rejects"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as started:
        started.stdout.close()
        assert started.wait(timeout=60) == 7
