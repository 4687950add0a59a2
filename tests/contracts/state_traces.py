"""What every TraceLog must do. Needs a fixture `traces`, empty."""

from dataclasses import replace

from domain.filters import Equals
from domain.state_ports import TraceLog
from domain.traces import Trace

A_TRACE = Trace(
    id="a1",
    at="2026-11-03T09:30:00+00:00",
    tenant="acme",
    collection="handbook",
    question="How long are “backups” kept?",
    answer="35 days [1].\n🌊",
    found=True,
    config="default",
    shown=("c2", "c1"),
    where=(Equals("department", "it"),),
)


class TraceLogContract:
    async def test_a_trace_comes_back_as_it_was(self, traces: TraceLog) -> None:
        await traces.keep(A_TRACE)
        assert await traces.of("acme", "handbook") == [A_TRACE]

    async def test_traces_come_in_the_order_of_time(self, traces: TraceLog) -> None:
        earlier = replace(A_TRACE, id="a2", at="2026-11-02T09:30:00+00:00")
        await traces.keep(A_TRACE)
        await traces.keep(earlier)
        assert await traces.of("acme", "handbook") == [earlier, A_TRACE]

    async def test_a_tenant_sees_its_own_alone(self, traces: TraceLog) -> None:
        await traces.keep(A_TRACE)
        await traces.keep(replace(A_TRACE, tenant="evil"))
        assert await traces.of("acme", "handbook") == [A_TRACE]

    async def test_collections_are_kept_apart(self, traces: TraceLog) -> None:
        await traces.keep(A_TRACE)
        assert await traces.of("acme", "wiki") == []

    async def test_what_is_older_than_a_moment_is_forgotten(self, traces: TraceLog) -> None:
        later = replace(A_TRACE, id="a2", at="2026-11-04T00:00:00+00:00")
        await traces.keep(A_TRACE)
        await traces.keep(later)
        await traces.forget("2026-11-04T01:00:00+01:00")
        assert await traces.of("acme", "handbook") == [later]

    async def test_a_tenant_is_forgotten_with_all_it_asked(self, traces: TraceLog) -> None:
        other = replace(A_TRACE, tenant="evil")
        await traces.keep(A_TRACE)
        await traces.keep(other)
        assert await traces.forget_tenant("acme") == 1
        assert await traces.of("acme", "handbook") == []
        assert await traces.of("evil", "handbook") == [other]

    async def test_a_character_that_databases_refuse_is_replaced(self, traces: TraceLog) -> None:
        await traces.keep(replace(A_TRACE, question="a\x00b\ud800"))
        [kept] = await traces.of("acme", "handbook")
        assert kept.question == "a\ufffdb?"
