import csv
import json
import os
import stat

import pytest

from lomi.cli.bulk import export as export_module
from lomi.cli.bulk.rate_limit import RateLimit
from lomi.sandbox import Sandbox
from tests.cli.conftest import Run


def ids(file):
    if file.suffix == ".csv":
        with file.open(newline="", encoding="utf-8") as text:
            return [row["id"] for row in csv.DictReader(text)]
    return [json.loads(line)["id"] for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", ["people.csv", "people.jsonl"])
@pytest.mark.parametrize("details", [[], ["--details"]])
def test_every_customer_is_in_the_file_once(run, sandbox, tmp_path, name, details):
    file = tmp_path / name
    run("customers", "export", file, *details)
    assert run.out == f"150 customers exported to {file}.\n"
    assert len({*ids(file)}) == len(ids(file)) == 150
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_filters(run, tmp_path):
    file = tmp_path / "people.csv"
    found = run.json(
        "customers", "export", file, "--sandbox", "--type", "business", "--status", "active", "--search", "a"
    )
    assert found == {"exported": 20, "file": str(file)}


@pytest.fixture
def server(run, monkeypatch):
    """A sandbox in the server dialect, whose listings lack the metadata."""
    with Sandbox("server") as sandbox, sandbox.serve() as server:
        monkeypatch.setenv("LOMI_API_KEY", server.api_key)
        monkeypatch.setenv("LOMI_BASE_URL", server.url)
        yield sandbox


@pytest.mark.parametrize(("details", "metadata"), [([], None), (["--details"], {"internal_id": "USER_1150"})])
def test_details_bring_the_metadata(run, server, tmp_path, details, metadata):
    run("customers", "export", tmp_path / "people.jsonl", *details)
    assert json.loads((tmp_path / "people.jsonl").read_text().splitlines()[0])["metadata"] == metadata


def test_what_was_exported_can_be_imported(run, server, tmp_path):
    file = tmp_path / "people.csv"
    run("customers", "export", file, "--details")
    server.reset()
    assert run.json("customers", "import", file)["imported"] == 150
    assert run.lines("customers", "list", "--search", "Garage Camara")[0]["email"] == "garage.camara.150@example.com"


def test_an_existing_file_is_replaced_only_on_request(run, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("mine")
    run("customers", "export", file, "--sandbox", code=2)
    assert run.err == "lomi-py: people.csv already exists; add --overwrite to replace it\n"
    assert file.read_text() == "mine"
    run("customers", "export", file, "--sandbox", "--overwrite")
    assert len(ids(file)) == 150


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(export_module, "PAGE", 20)
    monkeypatch.setattr(export_module, "PAGE_WITH_DETAILS", 20)


@pytest.mark.parametrize("name", ["people.csv", "people.jsonl"])
def test_an_export_continues_where_it_stopped(run, sandbox, tmp_path, small, name):
    file = tmp_path / name
    sandbox.fail(403, route="GET /customers", skip=3)
    run("customers", "export", file, code=4)
    part = tmp_path / f"{name}.part"
    assert not file.exists()
    with part.open("a") as torn:
        torn.write('"half a li')
    with sandbox.client() as client:
        client.customers.create(name="New")
    run("customers", "export", file)
    assert len({*ids(file)}) == len(ids(file)) == 151
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_details_are_not_fetched_twice(run, sandbox, tmp_path, small):
    file = tmp_path / "people.csv"
    sandbox.fail(403, route="GET /customers/{id}", skip=110)
    run("customers", "export", file, "--details", code=4)
    before = sum(request.route == "GET /customers/{id}" for request in sandbox.requests)
    run("customers", "export", file, "--details")
    fetched = sum(request.route == "GET /customers/{id}" for request in sandbox.requests) - before
    assert fetched == 50
    assert len({*ids(file)}) == 150


def test_customers_deleted_meanwhile_are_left_out(run, sandbox, tmp_path):
    sandbox.fail(404, route="GET /customers/{id}", times=2)
    assert run.json("customers", "export", tmp_path / "people.csv", "--details")["exported"] == 148


def test_an_export_does_not_continue_with_other_options(run, sandbox, tmp_path, small):
    file = tmp_path / "people.csv"
    sandbox.fail(403, route="GET /customers", skip=3)
    run("customers", "export", file, code=4)
    run("customers", "export", file, "--type", "business", code=2)
    assert run.err.startswith("lomi-py: people.csv.part was started with other options; ")
    (tmp_path / "people.csv.part.state").unlink()
    run("customers", "export", file)
    assert len(ids(file)) == 150


def test_a_part_without_a_state_file_starts_over(run, sandbox, tmp_path):
    (tmp_path / "people.csv.part").write_text("id,name\ncus_1,x\n")
    run("customers", "export", tmp_path / "people.csv")
    assert len(ids(tmp_path / "people.csv")) == 150


@pytest.mark.parametrize("name", ["people.csv", "people.jsonl"])
def test_a_file_planted_by_another_user_is_not_written_to(run, tmp_path, name):
    victim, file = tmp_path / "victim", tmp_path / name
    victim.write_text("mine")
    (tmp_path / f"{name}.part").symlink_to(victim)
    run("customers", "export", file, "--sandbox")
    assert victim.read_text() == "mine"
    assert (file.is_symlink(), len(ids(file))) == (False, 150)
    file.unlink()
    (tmp_path / f"{name}.part").touch(0o666)
    run("customers", "export", file, "--sandbox")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_part_shorter_than_its_state_says_starts_over(run, sandbox, tmp_path, small):
    sandbox.fail(403, route="GET /customers", skip=3)
    run("customers", "export", tmp_path / "people.csv", code=4)
    (tmp_path / "people.csv.part").write_text("id,name\n")
    run("customers", "export", tmp_path / "people.csv")
    assert len(ids(tmp_path / "people.csv")) == 150


def test_another_file_in_place_of_the_state_file_is_left_untouched(run, sandbox, tmp_path):
    state = tmp_path / "people.csv.part.state"
    state.write_text("mine" * 1000)
    run("customers", "export", tmp_path / "people.csv", code=2)
    assert run.err.startswith(
        "lomi-py: people.csv.part.state is not a state file of an export, or is damaged; remove people.csv.part."
    )
    assert state.read_text() == "mine" * 1000


def test_two_exports_cannot_write_the_same_file(run, sandbox, tmp_path, small, monkeypatch):
    file, other, fetch = tmp_path / "people.csv", Run(), export_module._fetch

    def meanwhile(*arguments):
        other("customers", "export", file, "--details", code=1)
        return fetch(*arguments)

    monkeypatch.setattr(export_module, "_fetch", meanwhile)
    run("customers", "export", file, "--details")
    assert other.err == (
        "lomi-py: people.csv.part.state cannot be written: database is locked; another run of this command may be using it\n"
    )
    assert len({*ids(file)}) == len(ids(file)) == 150


def test_an_export_does_not_continue_for_another_merchant(run, sandbox, tmp_path, small, monkeypatch):
    file = tmp_path / "people.csv"
    sandbox.fail(403, route="GET /customers", skip=3)
    run("customers", "export", file, code=4)
    monkeypatch.setenv("LOMI_API_KEY", sandbox.merchant("Shop").api_key)
    run("customers", "export", file, code=2)
    assert "was started with other options" in run.err


def test_a_pipe_is_not_replaced(run, tmp_path):
    os.mkfifo(tmp_path / "people.csv")
    run("customers", "export", tmp_path / "people.csv", "--sandbox", "--overwrite", code=2)
    assert (
        run.err == "lomi-py: people.csv is not a regular file; to print customers, use customers list --all --jsonl\n"
    )


def test_the_target_of_a_link_is_replaced(run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "people.csv").symlink_to(tmp_path / "elsewhere" / "people.csv")
    run("customers", "export", tmp_path / "people.csv", "--sandbox")
    assert (tmp_path / "people.csv").is_symlink()
    assert len(ids(tmp_path / "elsewhere" / "people.csv")) == 150


def test_ctrl_c_says_how_to_continue(run, sandbox, tmp_path, small, monkeypatch):
    written = export_module._Part.write

    def interrupted(self, customers):
        written(self, customers)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(export_module._Part, "write", interrupted)
        run("customers", "export", tmp_path / "people.csv", code=130)
    assert run.err == (
        "lomi-py: interrupted: 20 customers are in people.csv.part; run the same command again to continue\n"
    )
    run("customers", "export", tmp_path / "people.csv")
    assert len({*ids(tmp_path / "people.csv")}) == 150


def test_ctrl_c_lets_running_requests_finish(monkeypatch, capsys):
    with Sandbox("server") as sandbox, sandbox.client() as client:
        customers = client.customers.list(page_size=50).customers

        def pressed(self, now):
            if len(sandbox.requests) > 3:
                raise KeyboardInterrupt

        monkeypatch.setattr(RateLimit, "record", pressed)
        with pytest.raises(KeyboardInterrupt):
            list(export_module._fetch(client, customers, RateLimit(1000, 900.0)))
        assert len(sandbox.requests) < 50
        assert capsys.readouterr().err == "lomi-py: finishing running requests; press Ctrl-C again to stop at once\n"


def test_details_keep_the_rate(run, sandbox, tmp_path, monkeypatch):
    now, slept = [1000.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(export_module, "RATE", 60)
    monkeypatch.setattr(export_module, "steady_clock", lambda: lambda: now[0])
    monkeypatch.setattr(export_module, "time", type("Time", (), {"sleep": sleep}))
    run("customers", "export", tmp_path / "people.csv", "--details")
    assert slept == [900.0, 900.0]
