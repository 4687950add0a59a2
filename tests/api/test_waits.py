"""What a question waits for before it is answered, beside the answer itself."""

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

import api

ROUTES = [
    route
    for module in iter_modules(api.__path__)
    if module.name not in {"__main__", "site"}
    for router in [getattr(import_module(f"api.{module.name}"), "router", None)]
    if isinstance(router, APIRouter)
    for route in router.routes
    if isinstance(route, APIRoute)
]


def calls(dependant: Dependant) -> Iterator[Callable[..., object]]:
    if dependant.call:
        yield dependant.call
    for one in dependant.dependencies:
        yield from calls(one)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_no_request_goes_through_a_thread_to_be_understood(route: APIRoute) -> None:
    plain = {
        call
        for call in calls(route.dependant)
        if not inspect.iscoroutinefunction(call)
        and not inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004
    }
    assert not plain, "FastAPI takes a thread for what is not async: some milliseconds under load"
