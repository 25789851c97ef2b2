"""Build the corpus step by step: ``python -m rlm_lsp.model.data COMMAND``; README.md has the order."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from rlm_lsp.model.data import wheels

if TYPE_CHECKING:
    from rlm_lsp.model.data.examples import Example

PACKAGES = json.loads((resources.files("rlm_lsp.model.data") / "packages.json").read_text("utf-8"))
VOCABULARY = 8_192
_PER_PACKAGE = 1_200
_TOKENIZER_SEES = 40_000
_EDITED_STRIDE = {"taught-sized": 1, "taught": 3}  # every so many functions are mutated: they would outnumber all else
_MOST_CHARACTERS = 1_500  # of a text to be taught: the few longer ones would cost a seventh of the tokens


def fetch(options: argparse.Namespace) -> None:
    """Download the wheels whose text the examples and the first objectives are made of."""
    report_missing(wheels.fetch([*PACKAGES["traced"], *PACKAGES["unlabelled"]], options.wheels))


def fetch_held_out(options: argparse.Namespace) -> None:
    """Download the wheels of the held-out packages only: all that re-scoring needs."""
    missing = []
    for requirement in PACKAGES["held_out"]:
        name, version = requirement.split("==")
        try:
            wheels.find(options.wheels, name, version)
        except wheels.MissingWheelError:
            missing += wheels.fetch([requirement], options.wheels)
    report_missing(missing)


def report_missing(names: list[str]) -> None:
    """Name the wheels that could not be had; the others are there."""
    if names:
        print(f"could not be downloaded: {', '.join(names)}", file=sys.stderr)


def pack(options: argparse.Namespace) -> None:
    """Copy measured rows (numbers and pointers) to model/data/rows, packed, in stable order."""
    from rlm_lsp.model.measure import rows as measured

    target = Path(str(resources.files("rlm_lsp.model.data") / "rows"))
    target.mkdir(exist_ok=True)
    for path in sorted((options.corpus / "rows").glob("*.jsonl")):
        rows = sorted(json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True) for row in measured.read(path))
        if not rows:
            continue  # a package whose wheel ships no tests, or whose tests all failed
        (target / f"{path.stem}.jsonl.gz").write_bytes(gzip.compress("\n".join([*rows, ""]).encode(), mtime=0))
        print(f"{path.stem}: {len(rows)} rows")


def build(options: argparse.Namespace) -> None:
    """Join the committed rows with their text: typical.jsonl, sized.jsonl, and the rows of growing sizes among these: ladders.jsonl."""
    from rlm_lsp.model.data import corpus, examples

    texts = corpus.Texts(options.wheels, options.data)
    rows = []
    for source in corpus.committed_sources():
        try:
            found = list(corpus.committed_rows(source))
            texts.of(found[0])
        except (FileNotFoundError, wheels.MissingWheelError) as error:
            print(f"{source}: left out: {error}", file=sys.stderr)
            continue
        rows += found
    typical, sized, left_out = corpus.build(rows, texts)
    print(f"typical {examples.write(options.corpus / 'typical.jsonl', typical)}")
    print(f"sized {examples.write(options.corpus / 'sized.jsonl', sized)}")
    print(f"ladders {examples.write(options.corpus / 'ladders.jsonl', [e for e in sized if e.source in corpus.LADDERS])}")
    print(f"left out: {dict(left_out)}")


def unlabelled(options: argparse.Namespace) -> None:
    """Cut the wheels' functions out, with static counts: unlabelled.jsonl. Held-out and validation packages are left out."""
    from rlm_lsp.model.data import examples
    from rlm_lsp.model.data.splits import PACKAGE_SPLITS
    from rlm_lsp.model.data.unlabelled import unlabelled as cut

    kept_apart = {wheels.DISTRIBUTIONS.get(name, name).lower() for name, split in PACKAGE_SPLITS.items() if split != "train"}
    chosen = [path for path in sorted(options.wheels.glob("*.whl")) if path.name.split("-")[0].lower() not in kept_apart]
    print(f"unlabelled {examples.write(options.corpus / 'unlabelled.jsonl', cut(chosen, _PER_PACKAGE))}")


def tokenizer(options: argparse.Namespace) -> None:
    """Train the tokenizer on unlabelled and training texts: tokenizer.json."""
    from rlm_lsp.model.data import examples
    from rlm_lsp.model.tokenizer import train_tokenizer

    texts = [e.text for e in examples.read(options.corpus / "unlabelled.jsonl")][:: max(1, _stride(options.corpus))]
    for name in ("typical", "sized"):
        labelled = [e for e in examples.read(options.corpus / f"{name}.jsonl") if e.split == "train"]
        texts += [f"args: {e.args}\n{e.text}" if e.args else e.text for e in labelled]
    trained = train_tokenizer([f"python function\n{text}" for text in texts], VOCABULARY)
    (options.corpus / "tokenizer.json").write_text(trained.to_json(), "utf-8")
    print(f"tokenizer of {trained.vocab_size} tokens from {len(texts)} texts")


def tokenizer_n(options: argparse.Namespace) -> None:
    """Train the tokenizer of networks, kernels and judged programs: tokenizer-n.json."""
    from rlm_lsp.model.data import vocabulary

    trained = vocabulary.train(options.corpus)
    (options.corpus / "tokenizer-n.json").write_text(trained.to_json(), "utf-8")
    print(f"tokenizer of {trained.vocab_size} tokens")


def _stride(corpus: Path) -> int:
    with (corpus / "unlabelled.jsonl").open("rb") as file:
        return sum(1 for _ in file) // _TOKENIZER_SEES


def rename(options: argparse.Namespace) -> None:
    """Copy the training examples with other local names: NAME-renamed.jsonl of what is measured and of taught.jsonl."""
    from rlm_lsp.model.data import examples
    from rlm_lsp.model.data.rename import renamed_copies

    for name in ("typical", "sized", "ladders", "taught"):
        copies = renamed_copies(examples.read(options.corpus / f"{name}.jsonl"), seed=1)
        print(f"{name}-renamed {examples.write(options.corpus / f'{name}-renamed.jsonl', copies)}")


def _measured(corpus: Path) -> tuple[list[Example], list[Example]]:
    """Return the typical and the sized examples of all splits."""
    from rlm_lsp.model.data import examples

    typical, sized = (list(examples.read(corpus / f"{name}.jsonl")) for name in ("typical", "sized"))
    return typical, sized


def _pool(corpus: Path, measured: tuple[list[Example], list[Example]]) -> list[Example]:
    """Return the unlabelled functions to be taught: not very long ones, and no text that is also held out or in validation."""
    from rlm_lsp.model.data import examples
    from rlm_lsp.model.data.corpus import text_hash

    apart = {text_hash(e.text) for part in measured for e in part if e.split != "train"}
    return [e for e in examples.read(corpus / "unlabelled.jsonl") if len(e.text) <= _MOST_CHARACTERS and e.id not in apart]


def teach(options: argparse.Namespace) -> None:
    """Add pseudo-labels of both costs to unlabelled functions, without and with invented sizes: taught.jsonl, taught-sized.jsonl.

    The teachers see the training split only. With --checkpoint that one's answers count as much as those of the boosted teachers.
    """
    from rlm_lsp.model.data import examples
    from rlm_lsp.model.data.teach import taught

    measured = _measured(options.corpus)
    opinions = None
    if options.checkpoint is not None:
        from rlm_lsp.model.evaluate import predict_costs
        from rlm_lsp.model.predictor import Predictor

        opinions = partial(predict_costs, Predictor.load(options.checkpoint, threads=2))
    plain, at_sizes = taught(*measured, _pool(options.corpus, measured), opinions=opinions)
    print(f"taught {examples.write(options.corpus / 'taught.jsonl', plain)}")
    print(f"taught-sized {examples.write(options.corpus / 'taught-sized.jsonl', at_sizes)}")


def edits(options: argparse.Namespace) -> None:
    """Mutate training functions, exercises and pseudo-labelled ones, and say what that does to their costs: taught-edits.jsonl."""
    from rlm_lsp.model.data import examples
    from rlm_lsp.model.data.edits import committed_edits
    from rlm_lsp.model.data.teach_edits import taught_edits

    functions = [e for e in examples.read(options.corpus / "sized.jsonl") if e.source not in ("mutants", "trace")]
    for name, stride in _EDITED_STRIDE.items():
        functions += list(examples.read(options.corpus / f"{name}.jsonl"))[::stride]
    print(f"taught-edits {examples.write(options.corpus / 'taught-edits.jsonl', taught_edits(committed_edits('train'), functions))}")


def graphs(options: argparse.Namespace) -> None:
    """Draw networks and join their texts with their labels: graphs.jsonl."""
    from rlm_lsp.model.data.graphs import examples

    print(f"graphs {examples.write(options.data or Path('data'), options.corpus)}")


def own_graphs(options: argparse.Namespace) -> None:
    """Draw the measured networks of our own again: own-graphs.jsonl."""
    from rlm_lsp.model.data.graphs import own

    print(f"own-graphs {own.write(options.corpus)}")


def gpu(options: argparse.Namespace) -> None:
    """Join published timings of GPU kernels, operators and modules with their text: gpu.jsonl."""
    from rlm_lsp.model.data import examples, splits
    from rlm_lsp.model.data.gpu import by_source

    found: list[Example] = []
    for name, part in by_source(options.data or Path("data"), options.clones):
        if isinstance(part, Exception):
            print(f"{name}: left out: {part}", file=sys.stderr)
        else:
            found += part
    kept = splits.in_strictest(found)
    print(f"gpu {examples.write(options.corpus / 'gpu.jsonl', kept)}; also in a stricter split: {len(found) - len(kept)}")


def judged(options: argparse.Namespace) -> None:
    """Join LeetCode's own measurements of programs in 18 languages with their text: judged.jsonl."""
    from rlm_lsp.model.data import examples, splits
    from rlm_lsp.model.data.judged import read

    found, counts, missing = read(options.data or Path("data"), options.clones)
    for error in missing:
        print(f"left out: {error}", file=sys.stderr)
    kept = splits.in_strictest(found)
    counts["also in a stricter split"] = len(found) - len(kept)
    print(f"judged {examples.write(options.corpus / 'judged.jsonl', kept)}; {dict(counts)}")


COMMANDS = {
    "fetch": fetch,
    "fetch-held-out": fetch_held_out,
    "pack": pack,
    "build": build,
    "unlabelled": unlabelled,
    "tokenizer": tokenizer,
    "tokenizer-n": tokenizer_n,
    "rename": rename,
    "teach": teach,
    "edits": edits,
    "gpu": gpu,
    "judged": judged,
    "graphs": graphs,
    "own-graphs": own_graphs,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one step."""
    parser = argparse.ArgumentParser(prog="python -m rlm_lsp.model.data", description="Build the corpus, step by step.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in COMMANDS.items():
        command = commands.add_parser(name, help=function.__doc__)
        command.add_argument("--corpus", type=Path, default=Path(".corpus"), help="folder of intermediate files (default .corpus)")
        command.add_argument("--wheels", type=Path, default=Path(".corpus/wheels"), help="folder of downloaded wheels")
        command.add_argument("--data", type=Path, default=None, help="folder with leetcodedataset/ and enamel/")
        command.add_argument("--checkpoint", type=Path, default=None, help="folder of a checkpoint that teaches, too")
        command.add_argument("--clones", type=Path, default=Path(".corpus/clones"), help="folder of git clones OWNER+NAME")
    options = parser.parse_args(arguments)
    COMMANDS[options.command](options)


if __name__ == "__main__":
    main()
