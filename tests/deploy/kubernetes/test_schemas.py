"""Every object is valid by the schemas of Kubernetes."""

import copy

import pytest
from kubernetes_validate import ValidationError, validate

from tests.deploy.kubernetes.manifests import Manifests

OLDEST, NEWEST = "1.30", "1.37"
"""The oldest version with the hook `sleep`, and the newest whose schemas are known here."""


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_object_is_valid(manifests: Manifests, version: str) -> None:
    for one in manifests.objects:
        assert validate(one, version, strict=True) == version


def test_a_misspelt_field_is_found(production: Manifests) -> None:
    wrong = copy.deepcopy(production.of("Deployment")["payment"])
    wrong["spec"]["template"]["spec"]["terminationGracePeriod"] = 65
    with pytest.raises(ValidationError, match="terminationGracePeriod"):
        validate(wrong, NEWEST, strict=True)


def test_an_older_version_does_not_know_all_of_it(production: Manifests) -> None:
    with pytest.raises(ValidationError):
        validate(production.of("Deployment")["router"], "1.28", strict=True)


def test_no_object_is_given_twice(manifests: Manifests) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in manifests.objects]
    assert len(names) == len(set(names))
    spaces = {one["metadata"].get("namespace") for one in manifests.objects if one["kind"] != "Namespace"}
    assert spaces == set(manifests.of("Namespace")) == {"steampunk"}
