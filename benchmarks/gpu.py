"""A fine-tuning step on a GPU: by each `gpu_step` of the config, and by Hugging Face's Trainer.

    pip install accelerate
    python benchmarks/gpu.py [--prepared mnli=results/runs/data/mnli-...] [--minutes 8]

At most 8 minutes on one GPU; nothing is fetched. XLM-R Large's shape with random weights, a task of
each kind at the lengths of its data set: tokens per second, model FLOP utilisation, memory; losses
of 50 steps against the plain step's in float32; a run that is killed and goes on; two runs side by
side on one GPU. Writes benchmarks/gpu.md; `--tiny` does all of it on a processor in a minute, with
a toy of an encoder, and prints.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from gpu_shapes import (
    LARGE,
    LOW,
    SPECS,
    TINY,
    Shape,
    Spec,
    measured,
    tiny,
    write_encoder,
    write_task,
)
from readme import table

OURS = ("plain", "lean", "graphs", "packed")
TRAINERS = ("trainer, at its best", "trainer, padded")
REFERENCE = TRAINERS[0]
# Data sheets: dense products in bfloat16. Of other devices the largest product that is measured.
PEAKS = {"H100": 989.4e12, "H200": 989.4e12, "A100": 312e12}
PAGE = Path(__file__).with_name("gpu.md")
CHILD = Path(__file__).with_name("gpu_child.py")
LOSSES = 50
# Begins the lines of `gpu_child` that hold measurements.
MARK = "measured "


@dataclass
class Measures:
    """What was found so far; a way that failed has a sentence instead of numbers."""

    peak: dict = field(default_factory=dict)
    ways: dict[str, dict[str, dict]] = field(default_factory=dict)
    losses: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    resumed: str = "not measured"
    slots: list[dict] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


class Bench:
    """All measurements, each in processes of its own, so that one that fails ends no other."""

    def __init__(self, folder: Path, specs: dict[str, Spec], small: bool, seconds: float) -> None:
        self.folder, self.specs, self.small = folder, specs, small
        self.ends = time.monotonic() + seconds
        self.shape: Shape = TINY if small else LARGE
        self.steps = 6 if small else 30
        self.found = Measures()

    def run(self) -> Measures:
        """What matters most comes first, in case time runs out."""
        for spec in self.specs.values():
            examples = spec.batch * (8 + self.steps)
            write_task(spec, examples, self.shape.vocab_size, self.folder / spec.name)
        self._peak()
        for way in ("plain", "lean", REFERENCE):
            self._way(way)
        self._losses()
        for way in ("graphs", "packed"):
            self._way(way)
        self._resume()
        self._slots()
        self._way(TRAINERS[1])
        return self.found

    def _peak(self) -> None:
        for found in self._child("peak", "the device", self.folder):
            self.found.peak = found

    def _way(self, way: str) -> None:
        if way == "graphs" and self.small:
            self.found.failed[way] = "CUDA graphs need a GPU"
        elif way in TRAINERS and find_spec("accelerate") is None:
            self.found.failed[way] = "the Trainer needs accelerate: pip install accelerate"
        else:
            arguments = ["--way", way, "--specs", self._specs(self.specs.values())]
            for found in self._child("way", way, self.folder, *arguments):
                self.found.ways.setdefault(way, {})[found["task"]] = found

    def _losses(self) -> None:
        spec = replace(self.specs["mnli"], name="losses", batch=4 if self.small else 8)
        write_task(spec, spec.batch * LOSSES, self.shape.vocab_size, self.folder / "losses")
        precisions = ("float32",) if self.small else ("float32", "bfloat16")
        for precision in precisions:
            for way in OURS:
                if way == "graphs" and self.small:
                    continue
                what = f"losses of {way} in {precision}"
                arguments = ["--way", way, "--precision", precision, "--specs", self._specs([spec])]
                for found in self._child("losses", what, self.folder, *arguments):
                    self.found.losses[way, precision] = found["losses"]

    def _resume(self) -> None:
        """Three runs: two undisturbed, to see whether this device repeats itself, one killed."""
        spec = replace(self.specs["mnli"], name="data", batch=8)
        place = self.folder / "jobs"
        shape = TINY if self.small else LOW
        write_encoder(shape, place / "encoder")
        write_task(spec, spec.batch * 120, shape.vocab_size, place / "data")
        one, two = self._job(place, "one", 1e9), self._job(place, "two", 1e9)
        self._kill(place)
        killed = self._job(place, "killed", 1e9)
        if not (one and two and killed and self.found.resumed == "killed"):
            self.found.resumed = "not measured: " + self.found.failed.get("a run", "it ended early")
            return
        repeats = "repeats itself bit for bit" if one == two else "does not repeat itself"
        same = "the same bytes as" if killed == one else "other bytes than"
        self.found.resumed = (
            f"A run of the lean step that was killed and went on from its checkpoint gave {same} "
            f"one that was left alone; an undisturbed run {repeats} on this device."
        )

    def _job(self, place: Path, name: str, checkpoint_seconds: float) -> dict | None:
        self._settings(place, name, checkpoint_seconds)
        found = list(self._child("job", "a run", place, "--way", "lean", *self._precision()))
        return found[0]["files"] if found else None

    def _settings(self, place: Path, name: str, checkpoint_seconds: float) -> None:
        training = {
            "learning_rate": 1e-5, "head_learning_rate": None, "epochs": 4, "batch_examples": 8,
            "batch_tokens": None, "warmup_share": 0.1, "weight_decay": 0.01, "gradient_clip": 1.0,
            "evaluations": 2, "patience": None, "dropout": 0.1,
        }  # fmt: skip
        text = json.dumps(
            {"name": name, "training": training, "checkpoint_seconds": checkpoint_seconds}
        )
        (place / "settings.json").write_text(text, encoding="utf-8")

    def _kill(self, place: Path) -> None:
        """Start a run that saves all the time, and kill it once it has saved."""
        self._settings(place, "killed", 0.02)
        command = self._command("job", place, "--way", "lean", *self._precision())
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        checkpoint = place / "scratch" / "killed" / "checkpoint.safetensors"
        while process.poll() is None and not checkpoint.exists() and self._left() > 0:
            time.sleep(0.005)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            self.found.resumed = "killed" if checkpoint.exists() else "not measured"
        process.wait()

    def _slots(self) -> None:
        """Two runs at once, each with half of the device."""
        spec = self.specs["mnli"]
        ready = self.folder / "slots"
        ready.mkdir()
        arguments = ["--way", "lean", "--share", "2", "--specs", self._specs([spec])]
        command = self._command("slot", self.folder, *arguments)
        both = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        for process in both:
            try:
                out, said = process.communicate(timeout=max(1.0, self._left()))
            except subprocess.TimeoutExpired:
                for other in both:
                    other.kill()
                out, said = "", "out of time"
            if process.returncode:
                self.found.failed["two runs at once"] = _last(said)
            self.found.slots += _measured(out)

    def _precision(self) -> list[str]:
        return ["--precision", "float32" if self.small else "bfloat16"]

    def _left(self) -> float:
        return self.ends - time.monotonic()

    def _specs(self, specs) -> str:
        return json.dumps([asdict(spec) for spec in specs])

    def _command(self, what: str, folder: Path, *arguments: str) -> list[str]:
        small = ["--tiny"] if self.small else []
        return [sys.executable, str(CHILD), what, str(folder), *arguments, *small]

    def _child(self, what: str, name: str, folder: Path, *arguments: str) -> Iterator[dict]:
        """The lines of a process, also of one that failed after some."""
        if self._left() < 1:
            self.found.failed[name] = "no time was left"
            return
        begun = time.monotonic()
        command = self._command(what, folder, *arguments)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=self._left())
            out, said, failed = done.stdout, done.stderr, done.returncode != 0
        except subprocess.TimeoutExpired as error:
            out = (error.stdout or b"").decode()
            said, failed = "no time was left", True
        if failed:
            self.found.failed[name] = _last(said)
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        yield from _measured(out)


def _measured(out: str) -> list[dict]:
    """What the lines of a process say that are marked as measurements."""
    parts = (line.partition(MARK) for line in out.splitlines())
    return [json.loads(found) for before, mark, found in parts if mark and not before]


def _last(said: str) -> str:
    """The last line of what a process said, short enough for a page."""
    lines = said.strip().splitlines() or ["it said nothing"]
    return lines[-1][:200]


def peak_of(found: Measures) -> tuple[float, str]:
    """FLOP/s that utilisation is a share of, and where the number comes from."""
    name, tried = found.peak.get("device", ""), found.peak.get("peak", 0.0)
    for known, peak in PEAKS.items():
        if known in name:
            return peak, f"{peak / 1e12:.0f} TFLOP/s of its data sheet"
    return tried, f"{tried / 1e12:.3g} TFLOP/s, the largest product that was measured"


def page(found: Measures, shape: Shape, minutes: float) -> str:
    """All tables with what they mean."""
    peak, whence = peak_of(found)
    device = found.peak.get("device", "an unknown device")
    reached = found.peak.get("peak", 0) / 1e12
    parts = [
        "# A fine-tuning step on a GPU",
        f"On {device}, torch {found.peak.get('torch', '?')}, in {minutes:.1f} minutes. An encoder "
        f"of {shape.num_hidden_layers} layers of {shape.hidden_size} with random weights, batches "
        "as the task sheets have them, random tokens at real lengths. `plain`, `lean`, `graphs` "
        "and `packed` are values of the config's key `gpu_step`; the Trainer is Hugging Face's, at "
        "its best with batches of like length, bfloat16, fused AdamW and worker processes, or "
        "padded to the maximum length. Tokens are counted without padding; all weights are "
        "trained, by xstilts of the word embeddings those that the text has. Utilisation is of "
        f"{whence} (a large product reaches {reached:.3g}).",
        _steps(found, peak),
        "## Losses\n\n" + _loss_table(found),
        f"## A kill\n\n{found.resumed}",
        "## Two at once\n\n" + _slot_text(found),
    ]
    if found.failed:
        lines = [f"- {name}: {said}" for name, said in found.failed.items()]
        parts.append("## Not measured\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n\nMade by `python benchmarks/gpu.py`.\n"


def _steps(found: Measures, peak: float) -> str:
    header = [
        "task", "step", "ms a step", "tokens a second", "times the Trainer's at its best",
        "utilisation", "GiB",
    ]  # fmt: skip
    rows = []
    for task in SPECS:
        reference = found.ways.get(REFERENCE, {}).get(task)
        for way in (*OURS, *TRAINERS):
            one = found.ways.get(way, {}).get(task)
            if one is None:
                continue
            pace = one["tokens"] / one["seconds"]
            ratio = (
                f"{pace / (reference['tokens'] / reference['seconds']):.2f}" if reference else "?"
            )
            share = f"{100 * one['flops'] / one['seconds'] / peak:.1f} %" if peak else "?"
            milliseconds = f"{1000 * one['seconds'] / one['steps']:.1f}"
            rows.append([task, way, milliseconds, f"{pace:,.0f}", ratio, share,
                         f"{one['gibibytes']:.1f}"])  # fmt: skip
    return table(header, rows)


def _loss_table(found: Measures) -> str:
    reference = found.losses.get(("plain", "float32"))
    if not reference:
        return "Not measured."
    rows = []
    for (way, precision), losses in found.losses.items():
        apart = [abs(one - other) for one, other in zip(losses, reference, strict=True)]
        rows.append([way, precision, f"{apart[0]:.1e}", f"{max(apart):.1e}",
                     f"{sum(losses[-10:]) / 10:.4f}"])  # fmt: skip
    header = ["step", "arithmetic", "first step", f"most in {LOSSES} steps", "mean of last ten"]
    return (
        f"Without dropout; how far losses of {LOSSES} steps on sentence pairs are from those of "
        f"the plain step in float32.\n\n{table(header, rows)}"
    )


def _slot_text(found: Measures) -> str:
    alone = found.ways.get("lean", {}).get("mnli")
    if len(found.slots) < 2 or alone is None:
        return "Not measured."
    together = sum(one["tokens"] / one["seconds"] for one in found.slots)
    gain = together / (alone["tokens"] / alone["seconds"])
    return (
        f"Two runs on sentence pairs side by side (`jobs_per_gpu: 2`) make {together:,.0f} tokens "
        f"a second together, {gain:.2f} times those of one alone."
    )


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tiny", action="store_true", help="a toy on a processor; prints")
    parser.add_argument("--minutes", type=float, default=8.0)
    tasks = ", ".join(SPECS)
    parser.add_argument(
        "--prepared",
        nargs="*",
        default=[],
        metavar="TASK=FOLDER",
        help=f"prepared data whose lengths count; tasks: {tasks}",
    )
    asked = parser.parse_args()
    specs = dict(SPECS)
    for given in asked.prepared:
        name, _, folder = given.partition("=")
        if name not in SPECS or not Path(folder, "train.arrow").is_file():
            sys.exit(f"--prepared {given}: say TASK=FOLDER, one of {tasks} and prepared data.")
        specs[name] = measured(specs[name], Path(folder))
    if asked.tiny:
        specs = {name: tiny(spec) for name, spec in specs.items()}
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gpu.") as name:
        bench = Bench(Path(name), specs, asked.tiny, 60 * asked.minutes)
        found = bench.run()
    text = page(found, bench.shape, (time.monotonic() - begun) / 60)
    print(text)
    if not asked.tiny:
        if not any(way in found.ways for way in OURS):
            sys.exit("Nothing was measured: see above.")
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
