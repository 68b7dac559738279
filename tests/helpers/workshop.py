"""Where the tests of training make encoders, prepared tasks and jobs."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from safetensors.numpy import load_file, save_file

from helpers import rows
from xstilts.core.files import file_sha256
from xstilts.core.receipts import publish, read_receipt
from xstilts.data.store import write_split
from xstilts.encoders.inputs import Inputs
from xstilts.kinds import kind_of
from xstilts.retrieval.job import retrieve_target
from xstilts.training.activations import compute_activations
from xstilts.training.intermediate import finetune_intermediate
from xstilts.training.job import Job
from xstilts.training.target import finetune_target

HIDDEN, LAYERS, INNER = 16, 3, 24
LABELS = ["entailment", "neutral", "contradiction"]
TAGS = ["O", "B-PER", "I-PER"]
TRAINING = {
    "learning_rate": 5e-3,
    "head_learning_rate": 1e-2,
    "epochs": 2,
    "batch_examples": 8,
    "batch_tokens": 256,
    "warmup_share": 0.1,
    "weight_decay": 0.01,
    "gradient_clip": 1.0,
    "evaluations": 2,
    "patience": None,
    "dropout": 0.0,
}
RETRIEVAL = {
    "layer": None,
    "pooling": "mean",
    "compared_sentences": 1000,
    "margin": "ratio",
    "neighbours": 4,
}
MIXTURE = {"sampling": "proportional", "temperature": 2, "cap": 100}
KINDS = {
    "pair_classification": (rows.pairs, LABELS, "accuracy"),
    "text_classification": (rows.texts, LABELS, "accuracy"),
    "regression": (rows.scored_pairs, None, "pearson"),
    "multiple_choice": (rows.choices, ["0", "1", "2"], "accuracy"),
    "tagging": (rows.tagged, TAGS, "span_f1"),
    "span_qa": (rows.questions, None, "answer_f1"),
}


class Workshop:
    """One encoder, and any number of tasks and runs below one folder."""

    def __init__(self, root):
        self.root = root
        self.encoder = root / "encoder"
        self.kinds = {}
        write_encoder(self.encoder)

    def data(self, task):
        return self.root / "data" / task

    def prepare(self, task, kind, splits, labels, rows_per_batch=7):
        """Write a prepared task from rows per split."""
        folder, schema = self.data(task), kind_of(kind).prepared_columns()
        folder.mkdir(parents=True)
        for split, found in splits.items():
            pieces = [found[i : i + rows_per_batch] for i in range(0, len(found), rows_per_batch)]
            batches = [pa.RecordBatch.from_pylist(piece, schema=schema) for piece in pieces]
            write_split(folder / f"{split}.arrow", schema, batches)
        # Counts of labels are read by no test that could not make them itself.
        facts = {"labels": labels, "rows": {}, "limits": {}, "dropped": {}, "label_counts": {}}
        publish(folder, facts)
        self.kinds[task] = kind

    def trained(self, task, kind, count=40, seed=1, labels=None, **how):
        """A prepared task of a trained kind: English train and dev, a test set in two languages."""
        make, names, _ = KINDS[kind]
        splits = {
            "train": make(count, seed, **how),
            "dev": make(24, seed + 1000, **how),
            "test": make(12, seed + 2000, **how) + make(9, seed + 3000, language="sw", **how),
        }
        self.prepare(task, kind, splits, labels or names)
        return task

    def inputs(self, task, split, frozen=0):
        return Inputs(self.data(task), split, self.activations(task, frozen), frozen)

    def activations(self, task, frozen):
        if not frozen:
            return None
        folder = self.root / f"activations{frozen}" / task
        if not folder.is_dir():
            recipe = {"frozen_layers": frozen, "precision": "float32"}
            publish(folder, compute_activations(recipe, self.encoder, self.data(task), folder))
        return folder

    def job(self, name, stage, tasks, targets=(), parent=None, seed=1, frozen=0, **more):
        """A job like those that the study describes; `more`: settings of training or of the run."""
        recipe = {
            "stage": stage,
            "tasks": [self._task(task, more.pop("head", "segments")) for task in tasks],
            "mixture": more.pop("mixture", MIXTURE) if len(tasks) > 1 else None,
            "evaluation": [self._target(target) for target in targets],
            "frozen_layers": frozen,
            "precision": more.pop("precision", "float32"),
            "seed": seed,
            "keep_weights": True,
            "retrieval": RETRIEVAL | more.pop("retrieval", {}),
        }
        checkpoint_seconds = more.pop("checkpoint_seconds", 1e9)
        recipe["training"] = TRAINING | more
        places = {task: {"data": str(self.data(task))} for task in (*tasks, *targets)}
        for task, place in places.items():
            if frozen:
                place["activations"] = str(self.activations(task, frozen))
        return Job(
            name=name,
            recipe=recipe,
            folder=self.root / "runs" / name,
            scratch=self.root / "scratch" / name,
            encoder=self.encoder,
            intermediate=parent.folder if parent else None,
            inputs=places,
            checkpoint_seconds=checkpoint_seconds,
        )

    def _task(self, task, head):
        kind = self.kinds[task]
        return {"task": task, "kind": kind, "metric": KINDS[kind][2], "head": head}

    def _target(self, target):
        name = target
        kind = self.kinds[target]
        metric = KINDS[kind][2] if kind in KINDS else None
        if kind == "retrieval":
            metric = "mining_f1" if target.startswith("bucc") else "retrieval_accuracy"
        return {"target": name, "kind": kind, "metric": metric}


def write_encoder(folder, seed=0):
    """A random BERT in transformers' files, whose layer norms are not the identity."""
    random = np.random.default_rng(seed)

    def normal(*shape):
        return (0.4 * random.standard_normal(shape)).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": normal(rows.VOCABULARY, HIDDEN),
        "embeddings.position_embeddings.weight": normal(32, HIDDEN),
        "embeddings.token_type_embeddings.weight": normal(2, HIDDEN),
    }

    def norm(name):
        tensors[f"{name}.weight"] = 1 + normal(HIDDEN)
        tensors[f"{name}.bias"] = normal(HIDDEN)

    norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        shapes = {f"attention.self.{part}": (HIDDEN, HIDDEN) for part in ("query", "key", "value")}
        shapes["attention.output.dense"] = (HIDDEN, HIDDEN)
        shapes["intermediate.dense"] = (INNER, HIDDEN)
        shapes["output.dense"] = (HIDDEN, INNER)
        for name, shape in shapes.items():
            tensors[f"{prefix}.{name}.weight"] = normal(*shape)
            tensors[f"{prefix}.{name}.bias"] = normal(shape[0])
        norm(f"{prefix}.attention.output.LayerNorm")
        norm(f"{prefix}.output.LayerNorm")
    folder.mkdir(parents=True)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 2,
        "intermediate_size": INNER,
        "vocab_size": rows.VOCABULARY,
        "max_position_embeddings": 32,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": 1,
    }
    (folder / "config.json").write_text(json.dumps(config))
    publish(folder, {"files": {path.name: file_sha256(path) for path in sorted(folder.iterdir())}})


MAKERS = {"intermediate": finetune_intermediate, "target": finetune_target}


def make(job):
    """Make the run of `job` and read its receipt."""
    if job.recipe["tasks"]:
        MAKERS[job.recipe["stage"]](job)
    else:
        retrieve_target(job)
    return read_receipt(job.folder)


def predictions(job):
    return pq.read_table(job.folder / "predictions.parquet").to_pylist()


# Names of the table of word embeddings: BERT's and most others', ModernBERT's, EuroBERT's.
WORDS = ("word_embeddings.weight", "tok_embeddings.weight", "embed_tokens.weight")


def weights(job):
    """The encoder's trained tensors, the whole table of word embeddings if any of it is trained."""
    tensors = load_file(job.folder / "encoder.safetensors")
    tokens = tensors.pop("trained_tokens", None)
    if tokens is not None:
        (name,) = (name for name in tensors if name.endswith(WORDS))
        untuned = load_file(job.encoder / "model.safetensors")
        (table,) = (table for other, table in untuned.items() if other.endswith(name))
        tensors[name] = np.concatenate([table])
        tensors[name][tokens] = load_file(job.folder / "encoder.safetensors")[name]
    return tensors


def parameters(model):
    """All parameters as they are now, the word embeddings of tokens that are not trained too."""
    found = {name: one.detach().clone() for name, one in model.named_parameters()}
    if model.encoder.first_layer == 0:
        table = model.encoder.get_input_embeddings()
        (name,) = (name for name, one in model.named_parameters() if one is table.weight)
        found[name] = table.whole.detach().clone()
        found[name][table.tokens] = table.weight.detach()
    return found


def products(job):
    """The bytes of all files of a run, and what its training went through."""
    files = {path.name: path.read_bytes() for path in sorted(job.folder.glob("[!.]*"))}
    receipt = json.loads(files.pop("receipt.json"))
    facts = {key: receipt.get(key) for key in ("training", "dev", "status", "files", "transplant")}
    return files, facts
