"""Snapshots of the released layout: what is accepted, what becomes of it, and everything that is refused, by name."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from rlm_lsp.model.checkpoint import CheckpointError, file_shapes, load, sha256, tensor_shapes
from rlm_lsp.model.config import ConfigError, parse_config
from rlm_lsp.model.released import WEIGHTS, differences, read_snapshot
from rlm_lsp.model.released_layout import BIAS, INFERRED, LANGUAGES, OBJECTIVES, model_config, released_name, unknown_keys
from rlm_lsp.model.safetensors_file import read_tensors, write_tensors
from tests.model.released_like import CONFIG, STACK, make_released, make_snapshot, tensors


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    return make_snapshot(tmp_path / "snapshot")


def problems(folder: Path) -> list[str]:
    return [f"{path.relative_to(folder)}: {problem}" for path, problem in differences(folder)]


def write_config(folder: Path, **changes: Any) -> None:
    config = {key: value for key, value in {**CONFIG, **changes}.items() if value is not ...}
    (folder / "config.json").write_text(json.dumps(config))


def test_a_snapshot_becomes_a_checkpoint_with_the_same_bytes(tmp_path: Path) -> None:
    checkpoint = load(make_released(tmp_path / "model"))
    source = tmp_path / "model-snapshot"
    assert sha256(checkpoint.folder / "model.safetensors") == sha256(source / WEIGHTS)
    assert (checkpoint.folder / "tokenizer.json").read_bytes() == (source / "encoder_tokenizer" / "tokenizer.json").read_bytes()
    assert sorted(path.name for path in checkpoint.folder.iterdir()) == [
        "CARD.md",
        "config.json",
        "manifest.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    assert not checkpoint.has_graphs
    assert parse_config(checkpoint.config.to_json()) == checkpoint.config
    released = read_tensors(source / WEIGHTS)
    weights = checkpoint.weights()
    assert weights.keys() == tensor_shapes(checkpoint.config.architecture).keys()
    assert all(np.array_equal(weights[name], released[released_name(name)]) for name in weights)


def test_a_checkpoint_of_this_class_says_what_it_is(tmp_path: Path) -> None:
    config = load(make_released(tmp_path / "model")).config
    assert (config.alone, config.layout, config.inferred) == (False, "regresslm", INFERRED)
    assert config.sampling is not None
    assert (config.sampling.draws, config.sampling.temperature, config.sampling.top_p) == (64, 1.0, 1.0)
    assert config.asked("python", "function") == []
    assert [one.name for one in config.asked("python", "program")] == ["peak_heap@apps", "memory@codenet", "latency@a6000"]
    assert [one.name for one in config.asked("haskell", "program")] == ["memory@codenet"]
    assert [(one.name, one.max_tokens) for one in config.asked("onnx", "graph")] == [("accuracy@nas", 4096)]
    assert len(LANGUAGES) == 24
    assert "latency@cpu" not in config.objective_names


def test_text_has_no_bos_whatever_the_tokenizers_template_says(tmp_path: Path) -> None:
    checkpoint = load(make_released(tmp_path / "model"))
    raw = Tokenizer.from_str(checkpoint.tokenizer.to_json())
    assert raw.encode("APPS\nprint(1)").ids[0] == raw.token_to_id("<bos>")
    assert checkpoint.tokenizer.encode("APPS\nprint(1)") == raw.encode("APPS\nprint(1)", add_special_tokens=False).ids
    assert checkpoint.tokenizer.encode_many(["APPS\nprint(1)"]) == [checkpoint.tokenizer.encode("APPS\nprint(1)")]


PROGRAMS = {
    "python": ["n = int(input())", "import sys\nfor line in sys.stdin: pass", "data = open(0).read(); x = sys.stdin.read()"],
    "cpp": ["std::cin >> n;", 'scanf("%d", &n);'],
    "java": ["Scanner s = new Scanner(System.in);"],
    "rust": ["io::stdin().read_line(&mut s)"],
    "go": ["fmt.Scan(&n)", "bufio.NewReader(os.Stdin)"],
    "javascript": ['require("fs").readFileSync("/dev/stdin")'],
    "ruby": ["n = gets.to_i"],
    "perl": ["my $n = <STDIN>;", "while (<>) { }"],
    "haskell": ["n <- getLine", "main = interact solve"],
    "pascal": ["readln(n);", "read(a, b);"],
    "fortran": ["read *, n", "READ(*,*) n"],
    "commonlisp": ["(read)", "(read-line)"],
    "bash": ["read n"],
    "lua": ['io.read("n")'],
    "php": ["fgets(STDIN)", 'fscanf(STDIN, "%d", $n)'],
    "csharp": ["Console.ReadLine()"],
    "fsharp": ["stdin.ReadLine()"],
    "kotlin": ["readLine()!!", "readln().toInt()"],
    "scala": ["scala.io.StdIn.readInt()"],
    "swift": ["readLine()"],
    "ocaml": ["let n = read_int ()", 'Scanf.scanf "%d"'],
    "d": ["readf", "stdin.byLine"],
    "typescript": ["process.stdin.on"],
    "c": ['scanf("%d", &n)', "getchar()"],
}
LIBRARIES = [
    "import os\n\ndef read(path):\n    with open(path) as file:\n        return file.read()\n",
    "class Reader:\n    def readable(self): return True\n",
    "List<String> names = new ArrayList<>();",
    "export function inputs(x: number) { return x }",
    "df = pandas.read_csv(path)",
]


def test_programs_are_told_from_libraries_by_what_they_read() -> None:
    import re

    assert PROGRAMS.keys() == LANGUAGES.keys()
    memory = next(one for one in OBJECTIVES if one.name == "memory@codenet")
    assert memory.pattern is not None
    missed = [text for texts in PROGRAMS.values() for text in texts if not re.search(memory.pattern, text)]
    assert missed == []
    assert [text for text in LIBRARIES if re.search(memory.pattern, text)] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 32, "surprise": 1}, "config.json: unknown key surprise"),
        ({"rope_scaling": {"type": "linear"}}, "config.json: unknown key rope_scaling"),
        ({"ieee_mantissa_digits": None}, "ieee_mantissa_digits is missing"),
        ({"ieee_exponent_digits": "2"}, "ieee_exponent_digits is '2', not a whole number"),
        ({"ieee_exponent_digits": 9}, "do not fit into a float64"),
        ({"decoder_tokenizer": "P10"}, "decoder_tokenizer is 'P10'"),
        ({"num_tokens_per_obj": 8}, "num_tokens_per_obj is 8, but the digits make 9"),
        ({"max_num_objs": 2}, "max_num_objs is 2"),
        ({"use_regression_head": True}, "use_regression_head is set"),
        ({"backbone_config": ...}, "backbone_config is missing"),
        ({"backbone_config": {"encoder": STACK}}, "decoder is missing"),
        ({"encoder_vocab_size": True}, "encoder_vocab_size is 'True'"),
        ({"encoder_vocab_size": 10**30}, "not a whole number above 0"),
        ({"backbone_config": {"encoder": STACK, "decoder": {**STACK, "attention_bias": True}}}, "attention_bias"),
        ({"backbone_config": {"encoder": {**STACK, "hidden_activation": "relu"}, "decoder": STACK}}, "hidden_activation is 'relu'"),
        ({"backbone_config": {"encoder": {**STACK, "layer_types": ["full_attention"]}, "decoder": STACK}}, "layer_types must name"),
        ({"backbone_config": {"encoder": {**STACK, "head_dim": 7}, "decoder": STACK}}, "head_dim even"),
        ({"backbone_config": {"encoder": {**STACK, "num_hidden_layers": 10**9}, "decoder": STACK}}, "layer_types must name"),
        ({"backbone_config": {"encoder": {**STACK, "rope_parameters": {"rope_type": "yarn"}}, "decoder": STACK}}, "rope_parameters"),
        ({"backbone_config": {"encoder": {**STACK, "moe": 8}, "decoder": STACK}}, "unknown key backbone_config.encoder.moe"),
        ({"decoder_vocab_size": 14}, "codec and objectives need 13 decoder tokens, not 14"),
    ],
)
def test_configs_that_are_refused(snapshot: Path, change: dict[str, Any], message: str) -> None:
    write_config(snapshot, **change)
    found = problems(snapshot)
    assert any(message in problem for problem in found), found
    with pytest.raises(CheckpointError, match="whole snapshot"):
        read_snapshot(snapshot)


def test_keys_that_say_nothing_and_those_of_other_versions_are_passed_by(snapshot: Path) -> None:
    stack = {key: value for key, value in STACK.items() if key != "rope_theta"} | {
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        "layer_types": ["sliding_attention", "full_attention"],
        "torch_dtype": "float32",
    }
    write_config(snapshot, backbone_config={"encoder": stack, "decoder": stack}, surprise=None, other=[], third=False)
    assert problems(snapshot) == []


def test_transformers_own_configs_have_no_key_that_is_unknown() -> None:
    transformers = pytest.importorskip("transformers", reason="the `test` extra has it")
    module = {key: value for key, value in STACK.items() if key != "rope_theta"}
    config = transformers.T5GemmaConfig(
        encoder=transformers.T5GemmaModuleConfig(**module), decoder=transformers.T5GemmaModuleConfig(**module), vocab_size=300
    )
    assert unknown_keys({**CONFIG, "backbone_config": config.to_dict()}) == []


def test_every_difference_is_named(snapshot: Path) -> None:
    made = tensors(CONFIG)
    del made["model.model.encoder.norm.weight"]
    made["model.regression_head.weight"] = np.ones((1, 16), np.float32)
    made["model.lm_head.out_proj.weight"] = np.ones((14, 16), np.float32)
    made["model.model.decoder.norm.weight"] = np.ones(16, np.int64)
    write_tensors(snapshot / "model.safetensors", made)
    assert problems(snapshot) == [
        "model.safetensors: tensor model.lm_head.out_proj.weight has shape (14, 16), config.json asks for (13, 16)",
        "model.safetensors: tensor model.model.decoder.norm.weight holds whole numbers",
        "model.safetensors: missing tensor model.model.encoder.norm.weight of shape (16,)",
        "model.safetensors: unexpected tensor model.regression_head.weight of shape (1, 16)",
    ]


def test_a_bias_that_the_network_has_no_place_for(snapshot: Path) -> None:
    write_tensors(snapshot / "model.safetensors", {**tensors(CONFIG), BIAS: np.ones((1, 13), np.float32)})
    assert problems(snapshot) == [f"model.safetensors: {BIAS} is not zero, which this network has no place for"]


def test_a_tokenizer_larger_than_the_networks_table(snapshot: Path) -> None:
    write_config(snapshot, encoder_vocab_size=100)
    found = problems(snapshot)
    assert "encoder_tokenizer/tokenizer.json: has 300 tokens, the network's table only 100" in found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "config.json: No such file"),
        (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors: No such file"),
        (lambda folder: (folder / "encoder_tokenizer" / "tokenizer.json").unlink(), "tokenizer.json: No such file"),
        (lambda folder: (folder / "config.json").write_text("{}"), "backbone_config is missing"),
        (lambda folder: (folder / "config.json").write_text("[]"), "config.json: is not a config of that model"),
        (lambda folder: (folder / "config.json").write_text('{"a": 1, "a": 2}'), "a key stands twice"),
        (lambda folder: (folder / "config.json").write_text("[" * 100_000), "config.json: is not a config of that model"),
        (lambda folder: (folder / "encoder_tokenizer" / "tokenizer.json").write_text("{}"), "tokenizer.json: is not a tokenizer"),
    ],
)
def test_broken_snapshots(snapshot: Path, change: Callable[[Path], None], message: str) -> None:
    change(snapshot)
    (found,) = problems(snapshot)
    assert message in found


def test_a_config_is_refused_by_its_first_unknown_key() -> None:
    with pytest.raises(ConfigError, match="unknown key surprise"):
        model_config({**CONFIG, "surprise": 1})


def test_names_and_types_make_a_file_as_long_as_the_real_one() -> None:
    """The one thing that is known of the real header: it is 28,864 bytes long, as the file has 725,864,700 and its weights are float32."""
    sizes = {"num_hidden_layers": 8, "hidden_size": 512, "intermediate_size": 1024, "head_dim": 64, "query_pre_attn_scalar": 64}
    stack = {**STACK, **sizes, "num_attention_heads": 8, "num_key_value_heads": 8}
    full = model_config({**CONFIG, "encoder_vocab_size": 256_000, "backbone_config": {"encoder": stack, "decoder": stack}})
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    position = 0
    for name, shape in sorted({**file_shapes(full), BIAS: (1, 13)}.items()):
        length = 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [position, position + length]}
        position += length
    raw = len(json.dumps(header, separators=(",", ":")))
    assert 8 + raw + -raw % 8 + position == 725_864_700
