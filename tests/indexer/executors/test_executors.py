"""What every executor does, real processes killed included."""

import logging
import os
import signal
import threading
from pathlib import Path

import psutil
import pytest

from indexer.errors import RequestError
from indexer.executors.choosing import executor_on
from indexer.executors.executor import MOST_TRIES, Done, Killed
from indexer.executors.processes import _ctrl_c_put_off


def double(number):
    return 2 * number


def once_killed(item):
    """Dies the first time, by the hardest signal there is; the marker says that it was here."""
    number, folder = item
    marker = Path(folder) / f"seen-{number}"
    if number == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid(), number


def always_killed(number):
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def refused(number):
    raise RequestError(vi=f"Không nhận {number}", en=f"No {number}")


@pytest.fixture(scope="module", params=["local", "ray"])
def executor(request):
    with executor_on(request.param, 2) as found:
        yield found


def test_lines_that_are_logged_stay_as_they_are(executor):
    line = logging.getLogger("cungcau").makeRecord("cungcau", 20, "", 1, "said", (), None)
    assert [name for name in vars(line) if name.startswith("_")] == []


def test_ctrl_c_reaches_the_driver_while_a_worker_starts():
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append("Ctrl-C"))
    try:
        with _ctrl_c_put_off():
            # To this thread: others of this process, as Ray has them, would take it at once.
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
            assert heard == []
        assert heard == ["Ctrl-C"]
    finally:
        signal.signal(signal.SIGINT, before)


def test_every_piece_is_done_once(executor):
    assert executor.workers == 2
    found = list(executor.run(double, range(7)))
    assert sorted((one.item, one.result) for one in found) == [(n, 2 * n) for n in range(7)]
    assert list(executor.run(double, [])) == []


def test_a_killed_worker_costs_its_piece_alone(executor, tmp_path):
    items = [(number, str(tmp_path)) for number in range(4)]
    found = list(executor.run(once_killed, items))
    killed = [one for one in found if isinstance(one, Killed)]
    assert [(one.item, one.tries, one.again) for one in killed] == [(items[1], 1, True)]
    assert killed[0].why
    done = [one.result[1] for one in found if isinstance(one, Done)]
    assert sorted(done) == [0, 1, 2, 3]
    assert os.getpid() not in {one.result[0] for one in found if isinstance(one, Done)}


def test_what_kills_every_worker_is_given_up_and_the_rest_is_done(executor):
    found = list(executor.run(always_killed, range(4)))
    killed = [one for one in found if isinstance(one, Killed)]
    assert [(one.item, one.tries) for one in killed] == [(1, n + 1) for n in range(MOST_TRIES)]
    assert [one.again for one in killed] == [True] * (MOST_TRIES - 1) + [False]
    assert sorted(one.result for one in found if isinstance(one, Done)) == [0, 2, 3]


def test_an_error_keeps_both_sentences_on_its_way(executor):
    with pytest.raises(RequestError) as told:
        list(executor.run(refused, [5]))
    assert told.value.message.vi == "Không nhận 5" and told.value.message.en == "No 5"


def test_nobody_is_served_over_the_network(executor):
    assert [done.result for done in executor.run(double, [1])] == [2]
    ours = psutil.Process().children(recursive=True)
    assert len(ours) >= 2
    found = [connection for process in ours for connection in process.net_connections()]
    heard = {one.laddr.ip for one in found if one.status == psutil.CONN_LISTEN}
    assert heard <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def test_an_unknown_place_is_refused_with_the_choices():
    with pytest.raises(RequestError, match="ray://HOST:PORT"):
        executor_on("moon")


def test_a_cluster_that_is_not_there_is_named():
    with (
        pytest.raises(RequestError, match=r"ray://127\.0\.0\.1:9 cannot be reached"),
        executor_on("ray://127.0.0.1:9"),
    ):
        pass
