"""A random sequence-to-sequence model with a tokenizer of its own, in transformers' files."""

from pathlib import Path


def write_translator(folder: Path, words: list[str]) -> None:
    """An M2M100 of two layers that knows `words` and the languages de, sw."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import M2M100Config, M2M100ForConditionalGeneration, PreTrainedTokenizerFast

    special = ["<s>", "<pad>", "</s>", "<unk>", "__de__", "__sw__"]
    vocabulary = {name: number for number, name in enumerate(dict.fromkeys([*special, *words]))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>", eos_token="</s>",
        unk_token="<unk>", additional_special_tokens=special[4:],
    ).save_pretrained(folder)  # fmt: skip
    torch.manual_seed(3)
    config = M2M100Config(
        vocab_size=len(vocabulary), d_model=16, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16,
        decoder_ffn_dim=16, max_position_embeddings=64, bos_token_id=0, pad_token_id=1,
        eos_token_id=2, decoder_start_token_id=2,
    )  # fmt: skip
    M2M100ForConditionalGeneration(config).save_pretrained(folder)
