import csv
import json
import os
import stat

import pytest

from lomi.cli import _export
from lomi.cli._pace import Pace
from lomi.cli._target import target_of
from lomi.sandbox import Sandbox
from tests.cli.conftest import Run


def ids(file):
    if file.suffix == ".csv":
        with file.open(newline="", encoding="utf-8") as text:
            return [row["id"] for row in csv.DictReader(text)]
    return [json.loads(line)["id"] for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", ["people.csv", "people.jsonl"])
@pytest.mark.parametrize("details", [[], ["--details"]])
def test_everybody_is_in_the_file_once(run, sandbox, tmp_path, name, details):
    file = tmp_path / name
    run("customers", "export", file, *details)
    assert run.out == f"150 customers are in {file}.\n"
    assert len({*ids(file)}) == len(ids(file)) == 150
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_those_that_match(run, tmp_path):
    file = tmp_path / "people.csv"
    found = run.json(
        "customers", "export", file, "--sandbox", "--type", "business", "--status", "active", "--search", "a"
    )
    assert found == {"customers": 20, "file": str(file)}


@pytest.fixture
def server(run, monkeypatch):
    """A sandbox that speaks as the deployed server does: its listings have no metadata."""
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
    assert run.json("customers", "import", file)["created"] == 150
    assert run.lines("customers", "list", "--search", "Garage Camara")[0]["email"] == "garage.camara.150@example.com"


def test_a_file_that_is_there_is_not_replaced_unless_asked(run, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("mine")
    run("customers", "export", file, "--sandbox", code=2)
    assert run.err == "lomi: people.csv is there already; add --overwrite to replace it\n"
    assert file.read_text() == "mine"
    run("customers", "export", file, "--sandbox", "--overwrite")
    assert len(ids(file)) == 150


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(_export, "PAGE", 20)
    monkeypatch.setattr(_export, "PAGE_WITH_DETAILS", 20)


@pytest.mark.parametrize("name", ["people.csv", "people.jsonl"])
def test_an_export_goes_on_where_it_ended(run, sandbox, tmp_path, small, name):
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
    before = sum(request.route == "/customers/{id}" for request in sandbox.requests)
    run("customers", "export", file, "--details")
    fetched = sum(request.route == "/customers/{id}" for request in sandbox.requests) - before
    assert fetched == 50
    assert len({*ids(file)}) == 150


def test_customers_deleted_meanwhile_are_left_out(run, sandbox, tmp_path):
    sandbox.fail(404, route="GET /customers/{id}", times=2)
    assert run.json("customers", "export", tmp_path / "people.csv", "--details")["customers"] == 148


def test_an_export_with_other_options_does_not_go_on(run, sandbox, tmp_path, small):
    file = tmp_path / "people.csv"
    sandbox.fail(403, route="GET /customers", skip=3)
    run("customers", "export", file, code=4)
    run("customers", "export", file, "--type", "business", code=2)
    assert run.err.startswith("lomi: people.csv.part was begun with other options; ")
    (tmp_path / "people.csv.part.state").unlink()
    run("customers", "export", file)
    assert len(ids(file)) == 150


def test_a_part_without_a_state_begins_anew(run, sandbox, tmp_path):
    (tmp_path / "people.csv.part").write_text("id,name\ncus_1,x\n")
    run("customers", "export", tmp_path / "people.csv")
    assert len(ids(tmp_path / "people.csv")) == 150


@pytest.mark.parametrize("name", ["people.csv", "people.jsonl"])
def test_what_somebody_else_put_there_is_not_written_to(run, tmp_path, name):
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


def test_a_part_that_lacks_what_its_state_knows_begins_anew(run, sandbox, tmp_path, small):
    sandbox.fail(403, route="GET /customers", skip=3)
    run("customers", "export", tmp_path / "people.csv", code=4)
    (tmp_path / "people.csv.part").write_text("id,name\n")
    run("customers", "export", tmp_path / "people.csv")
    assert len(ids(tmp_path / "people.csv")) == 150


def test_a_state_that_is_none_is_left_as_it_is(run, sandbox, tmp_path):
    state = tmp_path / "people.csv.part.state"
    state.write_text("mine" * 1000)
    run("customers", "export", tmp_path / "people.csv", code=2)
    assert run.err.startswith(
        "lomi: people.csv.part.state is no state of an export, or damaged; remove people.csv.part."
    )
    assert state.read_text() == "mine" * 1000


def test_two_exports_do_not_write_one_file(run, sandbox, tmp_path, small, monkeypatch):
    file, other, whole = tmp_path / "people.csv", Run(), _export._whole

    def meanwhile(*arguments):
        other("customers", "export", file, "--details", code=1)
        return whole(*arguments)

    monkeypatch.setattr(_export, "_whole", meanwhile)
    run("customers", "export", file, "--details")
    assert other.err == (
        "lomi: people.csv.part.state cannot be written: database is locked; another run of this command may be using it\n"
    )
    assert len({*ids(file)}) == len(ids(file)) == 150


def test_an_export_does_not_go_on_for_another_merchant(run, sandbox, tmp_path, small, monkeypatch):
    file = tmp_path / "people.csv"
    sandbox.fail(403, route="GET /customers", skip=3)
    run("customers", "export", file, code=4)
    monkeypatch.setenv("LOMI_API_KEY", sandbox.merchant("Shop").api_key)
    run("customers", "export", file, code=2)
    assert "was begun with other options" in run.err


def test_what_is_no_file_is_not_replaced(run, tmp_path):
    os.mkfifo(tmp_path / "people.csv")
    run("customers", "export", tmp_path / "people.csv", "--sandbox", "--overwrite", code=2)
    assert run.err == "lomi: people.csv is no file; customers list --all --jsonl prints customers\n"


def test_what_a_link_leads_to_is_replaced(run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "people.csv").symlink_to(tmp_path / "elsewhere" / "people.csv")
    run("customers", "export", tmp_path / "people.csv", "--sandbox")
    assert (tmp_path / "people.csv").is_symlink()
    assert len(ids(tmp_path / "elsewhere" / "people.csv")) == 150


def test_ctrl_c_says_how_to_go_on(run, sandbox, tmp_path, small, monkeypatch):
    written = _export._Part.write

    def interrupted(self, customers):
        written(self, customers)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(_export._Part, "write", interrupted)
        run("customers", "export", tmp_path / "people.csv", code=130)
    assert run.err == (
        "lomi: interrupted: 20 customers are in people.csv.part; the same command goes on where this one ended\n"
    )
    run("customers", "export", tmp_path / "people.csv")
    assert len({*ids(tmp_path / "people.csv")}) == 150


def test_ctrl_c_waits_for_the_details_under_way(monkeypatch, capsys):
    with Sandbox() as sandbox, sandbox.client() as client:
        customers = client.customers.list(page_size=50).customers

        def pressed(self, now):
            if len(sandbox.requests) > 3:
                raise KeyboardInterrupt

        monkeypatch.setattr(Pace, "take", pressed)
        with pytest.raises(KeyboardInterrupt):
            list(_export._whole(client, customers, Pace(1000, 900.0)))
        assert len(sandbox.requests) < 50
        assert capsys.readouterr().err == "lomi: waiting for what is under way; another Ctrl-C ends at once\n"


def test_details_keep_to_the_rate(run, sandbox, tmp_path, monkeypatch):
    now, slept = [1000.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(_export, "RATE", 60)
    monkeypatch.setattr(_export, "clock", lambda: lambda: now[0])
    monkeypatch.setattr(_export, "time", type("Time", (), {"sleep": sleep}))
    run("customers", "export", tmp_path / "people.csv", "--details")
    assert slept == [900.0, 900.0]


def test_a_target_is_environment_address_and_owner():
    with Sandbox() as sandbox:
        shop = sandbox.merchant("Shop")
        with sandbox.client() as client, sandbox.client(api_key=shop.api_key) as other:
            mine = target_of(client, None)
            assert mine.startswith("test https://lomi-sandbox.invalid ")
            assert target_of(other, None) == f"test https://lomi-sandbox.invalid {shop.organization_id}" != mine
            assert target_of(client, "acct_1") == "test https://lomi-sandbox.invalid acct_1"
