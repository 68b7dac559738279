"""The transplant: everything arrives, or nothing does and a sentence says why."""

import hashlib

import pytest
import torch
from safetensors.torch import load_file, save_file

from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.encoders.load import load_encoder
from xstilts.encoders.weights import save_trained, transplant


@pytest.fixture
def folder(tiny):
    return tiny()[1]


def trained(folder, first_layer=0):
    encoder = load_encoder(folder, first_layer=first_layer)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(5)))
    return encoder


@pytest.mark.parametrize(("first_layer", "count"), [(0, 69), (2, 32), (3, 16)])
def test_round_trip(folder, batch, tmp_path, first_layer, count):
    source = trained(folder, first_layer)
    path = tmp_path / "run" / "encoder.safetensors"
    receipt = save_trained(source, path, first_layer)
    assert receipt["count"] == count == len(receipt["tensors"])
    assert receipt["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert list(path.parent.iterdir()) == [path]
    names = {f"encoder.layer.{n}." for n in range(4) if n < first_layer}
    assert not any(name.startswith(tuple(names)) for name in receipt["tensors"] if names)

    fresh = load_encoder(folder, first_layer=first_layer)
    proof = transplant(fresh, path)
    digest = hashlib.sha256("\n".join(sorted(load_file(path))).encode()).hexdigest()[:12]
    assert proof == {
        "carried": count,
        "first_layer": first_layer,
        "names_digest": digest,
        "weights_sha256": receipt["sha256"],
    }
    for name, parameter in fresh.named_parameters():
        assert torch.equal(parameter, dict(source.named_parameters())[name])
        assert parameter.requires_grad


def test_a_whole_encoder_takes_the_trained_layers_only(folder, batch, tmp_path):
    path = tmp_path / "w.safetensors"
    save_trained(trained(folder, 2), path, 2)
    whole, untouched = load_encoder(folder), load_encoder(folder)
    assert transplant(whole, path)["carried"] == 32
    stored = load_file(path)
    for name, parameter in whole.named_parameters():
        expected = stored[name] if name in stored else dict(untouched.named_parameters())[name]
        assert torch.equal(parameter, expected)


def test_equal_weights_give_equal_bytes(folder, tmp_path):
    first = save_trained(trained(folder), tmp_path / "a.safetensors", 0)
    second = save_trained(trained(folder), tmp_path / "b.safetensors", 0)
    assert first["sha256"] == second["sha256"]
    assert (tmp_path / "a.safetensors").stat().st_mode & 0o444


def test_saving_over_a_file_that_is_mapped_is_safe(folder, tmp_path):
    path = tmp_path / "w.safetensors"
    save_trained(trained(folder, 2), path, 2)
    loaded = load_encoder(folder, first_layer=2)
    transplant(loaded, path)
    save_trained(loaded, path, 2)
    assert transplant(load_encoder(folder, first_layer=2), path)["carried"] == 32


def altered(path, change, first_layer="0"):
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"first_layer": first_layer})


NAME = "encoder.layer.1.output.dense.bias"
FAULTS = [
    (lambda t: t.pop(NAME), rf"lacks 1 tensors, {NAME} for one"),
    (lambda t: t.update({"head.weight": t[NAME].clone()}), "unlike this encoder.*head.weight"),
    (
        lambda t: t.update({NAME: t[NAME][:3].clone()}),
        r"has shape \[3\], this encoder's has \[24\]",
    ),
    (lambda t: t[NAME].fill_(float("nan")), "not finite"),
    (lambda t: t[NAME].fill_(float("inf")), "not finite"),
]


@pytest.mark.parametrize(("change", "sentence"), FAULTS)
def test_a_faulty_file_is_refused_and_nothing_is_copied(folder, tmp_path, change, sentence):
    path = tmp_path / "w.safetensors"
    save_trained(trained(folder), path, 0)
    altered(path, change)
    encoder, before = load_encoder(folder), load_encoder(folder)
    with pytest.raises(StudyError, match=sentence):
        transplant(encoder, path)
    for own, old in zip(encoder.parameters(), before.parameters(), strict=True):
        assert torch.equal(own, old)


def test_layers_lost_as_a_whole_are_noticed(folder, tmp_path):
    path = tmp_path / "w.safetensors"
    save_trained(trained(folder, 1), path, 1)

    def lose(tensors):
        for name in [name for name in tensors if ".layer.1." in name]:
            del tensors[name]

    altered(path, lose, "1")
    with pytest.raises(StudyError, match="lacks 16 tensors"):
        transplant(load_encoder(folder, first_layer=1), path)


def test_weights_of_layers_that_are_frozen_here(folder, tmp_path):
    path = tmp_path / "w.safetensors"
    save_trained(trained(folder, 1), path, 1)
    with pytest.raises(StudyError, match=r"from layer 1 up.*from layer 2 up.*frozen_layers"):
        transplant(load_encoder(folder, first_layer=2), path)


def test_a_file_of_another_kind(folder, tmp_path):
    with pytest.raises(StudyError, match="does not say from which layer"):
        transplant(load_encoder(folder), folder / "model.safetensors")
    with pytest.raises(StudyError, match="missing or damaged"):
        transplant(load_encoder(folder), tmp_path / "none.safetensors")
    path = tmp_path / "w.safetensors"
    save_trained(trained(folder), path, 0)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(StudyError, match="missing or damaged"):
        transplant(load_encoder(folder), path)


def test_the_proof_notices_a_copy_that_did_not_arrive(folder, tmp_path, monkeypatch):
    path = tmp_path / "w.safetensors"
    save_trained(trained(folder), path, 0)
    monkeypatch.setattr(torch.Tensor, "copy_", lambda self, other: self)
    with pytest.raises(StudyError, match="did not arrive"):
        transplant(load_encoder(folder), path)


def test_sha256_of_known_text(tmp_path):
    path = tmp_path / "abc"
    path.write_bytes(b"abc")  # FIPS 180-2, example B.1
    assert file_sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
