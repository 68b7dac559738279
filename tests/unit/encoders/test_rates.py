"""At dropout 0 training passes are equal, whatever rates an encoder was published with."""

import json
import shutil
from types import MappingProxyType

import pytest
import torch

from helpers.tiny_encoders import FAMILIES, save_tiny
from xstilts.core.directions import DECODERS
from xstilts.core.errors import StudyError
from xstilts.encoders.load import load_encoder
from xstilts.encoders.rates import DROPOUT, OFF, UNREAD, set_rates


def random_rates(folder):
    """Every rate of the family at one half, in the folder's config.json."""
    from transformers import AutoConfig

    path = folder / "config.json"
    settings = AutoConfig.from_pretrained(folder).to_dict()
    stored = json.loads(path.read_text())
    for name, value in settings.items():
        if ("drop" in name or "jitter" in name) and not isinstance(value, bool):
            stored[name] = 0.5
    path.write_text(json.dumps(stored))


def passes(folder, dropout):
    encoder = load_encoder(folder, dropout=dropout).train()
    ids = torch.randint(5, 40, (4, 12), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids).bool()
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        found.append(encoder(ids, mask).detach())
    encoder.eval()
    return found[0], found[1], encoder(ids, mask).detach()


@pytest.mark.parametrize("family", FAMILIES)
def test_dropout_is_what_the_study_says(family, tmp_path):
    save_tiny(family, tmp_path)
    random_rates(tmp_path)
    first, second, evaluated = passes(tmp_path, 0.0)
    assert torch.equal(first, second)
    torch.testing.assert_close(first, evaluated, rtol=1e-5, atol=1e-5)
    first, second, evaluated = passes(tmp_path, 0.3)
    assert not torch.allclose(first, second, atol=1e-3)


@pytest.mark.parametrize("family", ["modernbert", "modernbert-decoder"])
def test_dropout_of_the_feed_forward_network_is_set(family, tmp_path):
    model = save_tiny(family, tmp_path, mlp_dropout=0.4)
    assert model.config.mlp_dropout == 0.4
    encoder = load_encoder(tmp_path, dropout=0.25)
    assert encoder.config.mlp_dropout == 0.25


@pytest.mark.parametrize("name", ["sparkle_dropout", "drop_tokens_rate", "input_noise"])
def test_an_unknown_rate_is_refused(name, tmp_path):
    save_tiny("modernbert", tmp_path)
    path = tmp_path / "config.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps(settings | {name: 0.2}))
    with pytest.raises(StudyError, match=rf"the rate '{name}' \(0\.2\).*set it to 0 there"):
        load_encoder(tmp_path)
    path.write_text(json.dumps(settings | {name: 0.0}))
    load_encoder(tmp_path)


def test_rates_of_configs_inside_a_config_are_set(tmp_path):
    class Part:
        def __init__(self, **rates):
            vars(self).update(rates)

    class Whole(Part):
        sub_configs = MappingProxyType({"encoder": Part})

    whole = Whole(dropout=0.1, encoder=Part(attention_dropout=0.2, layerdrop=0.3, qa_dropout=0.4))
    set_rates(whole, 0.0, tmp_path)
    assert (whole.dropout, vars(whole.encoder)) == (
        0.0, {"attention_dropout": 0.0, "layerdrop": 0.0, "qa_dropout": 0.4}
    )  # fmt: skip
    with pytest.raises(StudyError, match="'strange_drop'"):
        set_rates(Whole(encoder=Part(strange_drop=1)), 0.0, tmp_path)


def test_a_rate_has_one_treatment():
    assert not DROPOUT & OFF and not DROPOUT & UNREAD and not OFF & UNREAD


def test_which_encoders_see_all_tokens(tmp_path):
    for name, family in FAMILIES.items():
        save_tiny(name, tmp_path / name)
        encoder = load_encoder(tmp_path / name)
        assert encoder.sees_all is family.sees_all, name
        assert (family.kind in DECODERS) or family.sees_all, name
        shutil.rmtree(tmp_path / name)
