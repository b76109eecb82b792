import signal

from lomi.cli.bulk.progress import finishing, progress


def test_a_second_ctrl_c_is_not_caught(capsys):
    before = signal.getsignal(signal.SIGINT)
    with finishing():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before
    assert capsys.readouterr().err == "lomi-py: finishing running requests; press Ctrl-C again to stop at once\n"


def test_a_terminal_shows_progress(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with progress(40, "customers") as advance:
        for _ in range(4):
            advance(10)
    err = capsys.readouterr().err
    assert "40/40" in err
    assert "/s" in err
    assert "customers" in err


def test_a_pipe_shows_no_progress(capsys):
    with progress(40, "customers") as advance:
        advance(40)
    assert capsys.readouterr() == ("", "")
