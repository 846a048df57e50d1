"""Health by part."""

import asyncio
import threading

from grpc_health.v1 import health_pb2

from ledger.server.health import DATABASE, FOLLOWERS, PUBLISHER, SEQUENCER, HealthMonitor


def good() -> bool:
    return True


def bad() -> bool:
    return False


def broken() -> bool:
    raise OSError("disk")


def status(monitor: HealthMonitor, part: str) -> str:
    request = health_pb2.HealthCheckRequest(service=part)
    answer = asyncio.run(monitor.servicer.Check(request, None))  # type: ignore[arg-type]
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


def looked(**checks: object) -> HealthMonitor:
    names = {"database": DATABASE, "sequencer": SEQUENCER, "publisher": PUBLISHER,
             "followers": FOLLOWERS}  # fmt: skip
    parts = dict.fromkeys(names.values(), good)
    parts |= {names[name]: check for name, check in checks.items()}  # type: ignore[misc]
    monitor = HealthMonitor(parts)
    asyncio.run(monitor.look())
    return monitor


def test_all_is_well() -> None:
    monitor = looked()
    for part in ("", DATABASE, SEQUENCER, PUBLISHER, FOLLOWERS):
        assert status(monitor, part) == "SERVING"


def test_without_its_database_or_sequencer_nothing_serves() -> None:
    for monitor, part in ((looked(database=bad), DATABASE), (looked(sequencer=bad), SEQUENCER)):
        assert status(monitor, part) == status(monitor, "") == "NOT_SERVING"


def test_a_late_publisher_or_follower_is_named_and_the_rest_serves() -> None:
    monitor = looked(publisher=bad, followers=bad)
    assert status(monitor, PUBLISHER) == status(monitor, FOLLOWERS) == "NOT_SERVING"
    assert status(monitor, "") == "SERVING"


def test_a_check_that_breaks_is_a_part_that_does_not_serve() -> None:
    assert status(looked(database=broken), "") == "NOT_SERVING"


def test_a_part_comes_back() -> None:
    answers = [False, True]
    monitor = HealthMonitor({DATABASE: lambda: answers.pop(0)})
    asyncio.run(monitor.look())
    assert status(monitor, "") == "NOT_SERVING"
    asyncio.run(monitor.look())
    assert status(monitor, "") == "SERVING"


def test_a_check_that_hangs_takes_one_thread_and_no_more() -> None:
    released, asked = threading.Event(), []

    def hangs() -> bool:
        asked.append(1)
        return released.wait()

    async def scene() -> None:
        monitor = HealthMonitor({DATABASE: hangs}, patience=0.01)
        for _ in range(3):
            await monitor.look()
        assert monitor.servicer is not None
        assert len(asked) == 1
        released.set()

    asyncio.run(scene())


def test_after_the_stop_nothing_serves() -> None:
    async def scene() -> HealthMonitor:
        monitor = HealthMonitor({DATABASE: good})
        await monitor.start()
        await monitor.stop()
        await monitor.look()
        return monitor

    assert status(asyncio.run(scene()), "") == "NOT_SERVING"
