def test_options_override_the_fields_of_a_file(run, tmp_path):
    file = tmp_path / "awa.json"
    file.write_text('\ufeff{"name": "Awa", "city": "Dakar"}', "utf-8")
    made = run.json("customers", "create", "--sandbox", "--from", file, "--city", "Kaolack")
    assert (made["name"], made["city"]) == ("Awa", "Kaolack")
    made = run.json("customers", "create", "--sandbox", "--from", "-", input='{"name": "Koffi"}')
    assert made["name"] == "Koffi"


def test_standard_input_is_utf_8_whatever_the_locale(run):
    made = run.json("customers", "create", "--sandbox", "--from", "-", input='\ufeff{"name": "Aïssatou"}'.encode())
    assert made["name"] == "Aïssatou"
    run("customers", "create", "--sandbox", "--from", "-", input="Aïssatou".encode("latin-1"), code=2)
    assert "--from is not UTF-8" in run.err


def test_json_that_is_nested_too_deeply_is_refused(run):
    run("customers", "create", "--sandbox", "--name", "x", "--metadata", '{"a":' * 100_000, code=2)
    assert run.err.startswith("lomi-py: --metadata is not JSON: it is nested too deeply; ")


def test_a_file_that_is_not_utf_8(run, tmp_path):
    file = tmp_path / "awa.json"
    file.write_bytes('{"name": "Aïssatou"}'.encode("latin-1"))
    run("customers", "create", "--sandbox", "--from", file, code=2)
    assert "--from is not UTF-8" in run.err


def test_a_file_that_does_not_exist(run, tmp_path):
    run("customers", "create", "--sandbox", "--from", tmp_path / "missing.json", code=1)
    assert run.err.startswith("lomi-py: No such file or directory: ")
