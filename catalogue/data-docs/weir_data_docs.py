"""Lets Great Expectations' data docs show promises of types that only Weir has, in Weir's own words.

Written by `weir docs export`; great_expectations.yml names it as the module of the store of suites, which is opened
first. Types that Great Expectations knows itself are left as they are.
"""

import json
from pathlib import Path

from great_expectations.data_context.store import ExpectationsStore  # As it is: naming it here loads this file.
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.registry import list_registered_expectation_implementations
from great_expectations.render import (
    LegacyDiagnosticRendererType,
    LegacyRendererType,
    RenderedStringTemplateContent,
)
from great_expectations.render.renderer.renderer import renderer

__all__ = ["ExpectationsStore"]

TYPES = json.loads((Path(__file__).parent / "weir_types.json").read_text(encoding="utf-8"))


def words(text):
    """A template of Great Expectations takes a dollar for a parameter."""
    template = {"template": text.replace("$", "$$"), "params": {}, "styling": {}}
    return RenderedStringTemplateContent(content_block_type="string_template", string_template=template)


class WeirExpectation(BatchExpectation):
    """A promise that Weir has judged: it is shown, never asked."""

    class Config:
        extra = "allow"

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)
    def _prescriptive_renderer(cls, configuration=None, result=None, runtime_configuration=None, **kwargs):
        told = (result.meta if result is not None else None) or {}
        said = told.get("weir", {}).get("promise")
        return [words(said or TYPES.get(configuration.type) or configuration.type)]

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.OBSERVED_VALUE)
    def _diagnostic_observed_value_renderer(cls, configuration=None, result=None, runtime_configuration=None, **kwargs):
        told = (result.meta if result is not None else None) or {}
        return str(told.get("weir", {}).get("observed") or "--")

    def _validate(self, *args, **kwargs):
        raise NotImplementedError("Weir judges it: see `weir validate`")


known = set(list_registered_expectation_implementations())
for name in TYPES:
    if name not in known:
        class_name = "".join(part.capitalize() for part in name.split("_"))
        type(class_name, (WeirExpectation,), {"__module__": __name__, "__doc__": TYPES[name]})
