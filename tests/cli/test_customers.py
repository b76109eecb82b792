import re
import uuid

import pytest

EXAMPLE = "cus_abc123..."
ROW = re.compile(r"^│ [0-9a-f-]{36} │", re.MULTILINE)


def test_a_listing_as_json_is_what_the_method_returns(run):
    found = run.json("customers", "list", "--sandbox", "--type", "business", "--page", 2, "--page-size", 4)
    assert found["pagination"] == {"page": 2, "pageSize": 4, "totalCount": 30, "totalPages": 8}
    assert len(found["customers"]) == 4
    assert all(customer["is_business"] for customer in found["customers"])


def test_a_listing_as_lines_is_one_customer_each(run):
    found = run.lines("customers", "list", "--sandbox", "--search", "amadou", "--status", "active", "--page-size", 3)
    assert [sorted(each)[:2] for each in found] == [["address", "city"]] * 3
    everybody = run.lines("customers", "list", "--sandbox", "--all", "--page-size", 40)
    assert len({each["customer_id"] for each in everybody}) == 150


def test_a_listing_as_a_table(run):
    run("customers", "list", "--sandbox", "--page-size", 2)
    assert "page 1 of 75, 150 in total" in run.out
    assert len(ROW.findall(run.out)) == 2
    run("customers", "list", "--sandbox", "--all")
    assert "150 customers" in run.out
    assert len(ROW.findall(run.out)) == 150


@pytest.mark.parametrize("columns", ["40", "60"])
def test_a_listing_on_a_narrow_terminal_is_complete(run, monkeypatch, columns):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", columns)
    run("customers", "list", "--sandbox", "--page-size", 1)
    lines = [line.split("│")[1:-1] for line in run.out.splitlines() if line.startswith("│")]
    id, name, email, phone, _ = ["".join(cell.strip() for cell in cells) for cells in zip(*lines, strict=True)]
    assert re.search(r"[0-9a-f-]{36}$", id)
    assert name.endswith("GarageCamara")
    assert email.endswith("garage.camara.150@example.com")
    assert phone.endswith("+22796709350")


def test_all_pages_cannot_be_printed_as_one_json_response(run):
    run("customers", "list", "--sandbox", "--all", "--json", code=2)
    assert "--all --jsonl" in run.err


def test_one_customer(run):
    assert run.json("customers", "get", EXAMPLE, "--sandbox")["metadata"] == {"internal_id": "USER_123"}
    assert run.lines("customers", "get", EXAMPLE, "--sandbox")[0]["name"] == "Amadou Ba"
    run("customers", "get", EXAMPLE, "--sandbox")
    assert '{"internal_id": "USER_123"}' in run.out
    # What holds nothing is not shown.
    assert "whatsapp_number" not in run.out


def test_a_customer_that_does_not_exist(run):
    run("customers", "get", str(uuid.uuid4()), "--sandbox", code=3)
    assert run.err.startswith("lomi-py: 404 NOT_FOUND: ")
    assert run.err.endswith("; check the id, and LOMI_BASE_URL\n")


def test_create_update_transactions_and_delete(run, sandbox):
    made = run.json(
        "customers", "create", "--name", "Awa", "--email", "awa@example.com", "--business", "--metadata", '{"a": 1}'
    )
    assert (made["name"], made["is_business"], made["metadata"]) == ("Awa", True, {"a": 1})
    changed = run.json(
        "customers", "update", made["customer_id"], "--city", "Thiès", "--no-business", "--clear", "email"
    )
    assert (changed["name"], changed["city"], changed["email"], changed["is_business"]) == ("Awa", "Thiès", None, False)
    sandbox.pay(made["customer_id"], 21_500, "XOF", description="Wax print")
    assert run.json("customers", "transactions", made["customer_id"])[0]["gross_amount"] == 21_500
    assert run.lines("customers", "transactions", made["customer_id"])[0]["currency_code"] == "XOF"
    run("customers", "transactions", made["customer_id"])
    assert "Wax print" in run.out
    assert "21 500 XOF" in run.out
    assert run("customers", "delete", made["customer_id"]) == "Deleted.\n"
    run("customers", "delete", made["customer_id"], "--json", code=3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "-"], "--from is not JSON: "),
        (["--name", "x", "--metadata", "[1]"], "--metadata is not a JSON object; "),
        (["--name", " "], "customers.create: name is blank"),
        ([], "customers.create: name is required"),
        (["--name", "x", "--email", "nobody"], "email cannot be an e-mail address"),
    ],
)
def test_invalid_fields_are_reported_in_one_line(run, arguments, said):
    run("customers", "create", "--sandbox", *arguments, input="nonsense", code=2)
    assert said in run.err


def test_unknown_fields_of_a_file_are_named(run):
    run("customers", "create", "--sandbox", "--from", "-", input='{"name": "x", "emial": "y"}', code=2)
    assert 'did you mean "email"?' in run.err


def test_a_field_is_set_or_cleared(run):
    run("customers", "update", EXAMPLE, "--sandbox", "--city", "Thiès", "--clear", "city", code=2)
    assert "city is both set and cleared" in run.err
