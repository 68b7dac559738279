"""What goes wrong between a study and the Hub: mended, or told in one sentence with the remedy."""

import subprocess
import sys

import pytest
from huggingface_hub import constants

from xstilts.core.errors import StudyError

pytestmark = pytest.mark.fault

FILES = {"README.md": b"card", "a/train.parquet": bytes(range(256)) * 4000}
PATH = "a/train.parquet"


@pytest.fixture
def there(fake, repository):
    fake.add_dataset("o/n", FILES)
    return repository()


def test_a_cut_download_goes_on_where_it_was(fake, there):
    fake.cut[PATH] = 600_000
    assert there.fetch(PATH).read_bytes() == FILES[PATH]
    assert not fake.cut
    assert sum(one.startswith("GET /datasets") for one in fake.requests) == 2


def test_a_busy_server_is_asked_again(fake, there):
    fake.status["o/n"] = (503, "")
    for call in (there.files, there.info):
        with pytest.raises(StudyError, match="answered 503 for the data set o/n: try again later"):
            call()
    assert sum("/tree/" in one for one in fake.requests) > 2
    assert sum("/revision/" in one for one in fake.requests) == 3
    del fake.status["o/n"]
    assert there.files() == list(FILES)


def test_a_silent_server_ends_in_one_sentence(fake, there, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.1)
    from huggingface_hub import file_download

    monkeypatch.setattr(file_download, "_ETAG_RETRY_TIMEOUT", 0.1)
    fake.silent.add(PATH)
    with pytest.raises(StudyError, match=r"could not be fetched from http.*Timeout.*mirror\.$"):
        there.fetch(PATH)


def test_nobody_listens(repository, no_server):
    with pytest.raises(StudyError, match=r"could not be fetched .*check the connection and run"):
        repository(endpoint=no_server).files()


@pytest.mark.parametrize(
    ("status", "match"),
    [
        ((401, "RepoNotFound"), "does not show the data set o/n: check the name; .*HF_TOKEN"),
        ((404, "RepoNotFound"), "does not show the data set o/n"),
        ((403, "GatedRepo"), "asks for its terms to be accepted"),
        ((404, "RevisionNotFound"), r"no revision .*delete its line .*`snakemake pin` again"),
        ((500, ""), "the Hub answered 500 for the data set o/n: try again later"),
    ],
)
def test_refusals(fake, there, status, match):
    fake.status["o/n"] = status
    for call in (there.files, there.info, lambda: there.fetch(PATH)):
        with pytest.raises(StudyError, match=match) as told:
            call()
        assert "\n" not in str(told.value)


def test_unknown_names_and_revisions(fake, there, repository):
    with pytest.raises(StudyError, match="does not show the data set o/other: check the name"):
        repository("o/other").files()
    with pytest.raises(StudyError, match="has no revision aaaaaaaaaaaa"):
        repository(revision="a" * 40).files()
    with pytest.raises(StudyError, match="has no such file"):
        there.fetch("b.parquet")
    with pytest.raises(StudyError, match="no pinned revision; run `snakemake pin`"):
        repository(revision="unpinned").files()


def test_offline_with_and_without_a_cache(fake, there, request):
    there.files()
    there.fetch(PATH)
    fake.requests.clear()
    request.getfixturevalue("offline")
    assert there.files() == list(FILES)
    assert there.fetch(PATH).read_bytes() == FILES[PATH]
    with pytest.raises(StudyError, match=r"not in the cache, and HF_HUB_OFFLINE .* HF_HOME"):
        there.fetch("README2.md")
    assert fake.requests == []


def test_offline_with_a_cache_that_others_filled_file_by_file(there, request):
    there.fetch(PATH)
    request.getfixturevalue("offline")
    assert there.files() == [PATH]


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"])
def test_either_variable_means_offline(root, variable):
    code = "import xstilts.hub.access, huggingface_hub.constants as c; print(c.is_offline_mode())"
    places = {"PYTHONPATH": str(root / "workflow" / "scripts"), variable: "1"}
    ended = subprocess.run([sys.executable, "-c", code], env=places, capture_output=True, text=True)
    assert ended.stdout.strip() == "True", ended.stderr


def test_offline_and_never_fetched(repository, offline):
    with pytest.raises(StudyError, match="not in the cache, and HF_HUB_OFFLINE"):
        repository().files()


def test_faults_of_our_own_are_not_hidden(there, monkeypatch):
    from xstilts.hub import access

    def broken(*_, **__):
        raise KeyError("a bug")

    monkeypatch.setattr(access, "hf_hub_download", broken)
    with pytest.raises(KeyError):
        there.fetch(PATH)
