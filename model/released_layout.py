"""The layout of the paper's released checkpoint, ``akhauriyash/RLM-GemmaS-Code-v0``, and what it becomes as one of our checkpoints.

Pure: parsed JSON in, plain data out. Nobody here has seen the real ``config.json``; its keys are those that the class reads which wrote it
(a third party has published that class), and every other key is refused unless it says nothing. ``INFERRED`` lists what is not confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlm_lsp.model.config import (
    Architecture,
    ConfigError,
    Limits,
    ModelConfig,
    ObjectiveConfig,
    Sampling,
    StackConfig,
    Trained,
    TrainingRange,
)
from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.prompt import PromptSpec

NAME = "RLM-GemmaS-Code-v0"
BIAS = "model.final_logits_bias"
"""A buffer of the released file that its network never adds to anything. It has to be zero."""

INFERRED = (
    "names of tensors (from the nesting of the classes; a header of them is as long as the real file's, to the byte)",
    "soft caps 50 and 30, sliding window 4,096 and rope theta 10,000 where config.json does not give them (T5Gemma's defaults)",
    "no <bos> before the encoder's text (as the reference library's test has it)",
    "CodeNet's memory in units of 1,024 bytes (its smallest value is 256)",
    "CodeNet's names of languages",
    "values decoded with the point behind the first mantissa digit (as the reference library does, unlike the paper's example)",
)

LANGUAGES = {
    "bash": "Bash",
    "c": "C",
    "commonlisp": "Lisp",
    "cpp": "C++",
    "csharp": "C#",
    "d": "D",
    "fortran": "Fortran",
    "fsharp": "F#",
    "go": "Go",
    "haskell": "Haskell",
    "java": "Java",
    "javascript": "JavaScript",
    "kotlin": "Kotlin",
    "lua": "Lua",
    "ocaml": "OCaml",
    "pascal": "Pascal",
    "perl": "Perl",
    "php": "PHP",
    "python": "Python",
    "ruby": "Ruby",
    "rust": "Rust",
    "scala": "Scala",
    "swift": "Swift",
    "typescript": "TypeScript",
}
"""The paper's 24 languages (table 3), by our names and by CodeNet's."""

PROMPT = PromptSpec(
    header="APPS",
    objective_tokens=False,
    objective_headers={
        "peak_heap@apps": "APPS",
        "memory@codenet": "# CDSS\n# Language: {language}",
        "latency@a6000": "KBSS",
        "accuracy@nas": "NASBench101\n",
    },
    languages=LANGUAGES,
    whole=True,
)
"""The headers its data cards evaluate with. That of a network is its search space and an empty line: an input of another space says so in
its own ``header``, such as ``ENAS`` and a line feed."""

_READS_INPUT = (
    r"(?i:\bstdin\b)|\binput\s*\(|\bf?scanf?\b|\bcin\b|\bgets\b|\bgetchar\b|\bread[lL](?:ine|n)\b|\bReadLine\b|\bScanner\b"
    r"|\bgetLine\b|\bgetContents\b|\binteract\b|\bfmt\.F?[sS]can|\bbufio\b|\bio\.(?:read|lines)\b|\bSystem\.in\b|[=(]\s*<>"
    r"|(?<![.\w])(?<!def )(?i:read)(?:f|_int|_line|_float|-line)?\b"
)
"""How programs of these languages read what they are given. All programs of APPS and CodeNet do; a module of a library does not."""
_TRITON = r"@triton(?:\.\w+)*\.jit\b"

_PROGRAMS = tuple(Trained(language, "program") for language in sorted(LANGUAGES))
_NO_INPUT = "the model knows programs that read an input, and this one does not seem to"
OBJECTIVES = (
    ObjectiveConfig("peak_heap@apps", "B", 1.0, (Trained("python", "program"),), _READS_INPUT, _NO_INPUT, 2048),
    ObjectiveConfig("memory@codenet", "B", 1024.0, _PROGRAMS, _READS_INPUT, _NO_INPUT, 2048),
    ObjectiveConfig(
        "latency@a6000", "s", 1e-3, (Trained("python", "program"),), _TRITON, "the model knows modules with Triton kernels alone", 2048
    ),
    ObjectiveConfig("accuracy@nas", "%", 1.0, (Trained("onnx", "graph"),), None, "", 4096),
)
"""What the checkpoint was trained for, and for which inputs. Latency of a function is not among it."""

DEVICE = "the machines of its data (APPS: EPYC 7702, tracemalloc; CodeNet: its judge; Triton: one RTX A6000)"

_SAYS_NOTHING: tuple[object, ...] = (None, False, "", [], {})
_TOP_KEYS = """
    backbone_model_name backbone_config encoder_vocab_size decoder_vocab_size decoder_tokenizer num_digits exponent_range ieee_base
    ieee_mantissa_digits ieee_exponent_digits tokenizer_class max_num_objs use_regression_head num_tokens_per_obj max_new_tokens
    auto_map
"""
_BACKBONE_KEYS = """
    encoder decoder dropout_rate classifier_dropout_rate attention_dropout initializer_range vocab_size
"""
_STACK_KEYS = """
    vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads num_key_value_heads head_dim hidden_activation
    max_position_embeddings initializer_range rms_norm_eps use_cache rope_theta rope_parameters rope_scaling attention_bias
    attention_dropout query_pre_attn_scalar sliding_window layer_types final_logit_softcapping attn_logit_softcapping dropout_rate
    cross_attention_hidden_size cache_implementation
"""
_COMMON_KEYS = """
    _attn_implementation_autoset _name_or_path architectures attn_implementation bad_words_ids begin_suppress_tokens bos_token_id
    chunk_size_feed_forward decoder_start_token_id diversity_penalty do_sample dtype early_stopping encoder_no_repeat_ngram_size
    eos_token_id exponential_decay_length_penalty finetuning_task forced_bos_token_id forced_eos_token_id id2label is_decoder
    is_encoder_decoder label2id length_penalty max_length min_length model_type no_repeat_ngram_size num_beam_groups num_beams
    num_return_sequences output_attentions output_hidden_states output_scores pad_token_id prefix problem_type remove_invalid_values
    repetition_penalty return_dict return_dict_in_generate sep_token_id suppress_tokens task_specific_params temperature
    tf_legacy_loss tie_encoder_decoder tie_word_embeddings tokenizer_class top_k top_p torch_dtype torchscript transformers_version
    typical_p use_bfloat16
"""
"""What the library that writes such files puts into any config. None of it changes what is computed here."""


def model_config(config: Mapping[str, Any], name: str = NAME) -> ModelConfig:
    """Our config for a released one.

    Raises:
        ConfigError: a key is missing, not known, or has a value that our network does not compute; the message names it.
    """
    unknown = unknown_keys(config)
    if unknown:
        raise ConfigError(f"unknown key {unknown[0]}, of which nobody here knows what it changes")
    longest = Limits(whole=max(one.max_tokens or 1 for one in OBJECTIVES), cut=16_384)
    return ModelConfig(
        id=name,
        device=DEVICE,
        architecture=released_architecture(config),
        codec=released_codec(config),
        objectives=OBJECTIVES,
        trained=(*_PROGRAMS, Trained("onnx", "graph")),
        prompt=PROMPT,
        limits=longest,
        training_range=TrainingRange(1, longest.cut),
        sampling=Sampling(),
        layout="regresslm",
        alone=False,
        inferred=INFERRED,
    )


def unknown_keys(config: Mapping[str, Any]) -> list[str]:
    """Keys, with those above them, that nothing is known about and that say something: not null, false, or empty."""
    backbone = _table(config, "backbone_config")
    tables = [("", config, _TOP_KEYS), ("backbone_config.", backbone, _BACKBONE_KEYS)]
    tables += [(f"backbone_config.{part}.", _table(backbone, part), _STACK_KEYS) for part in ("encoder", "decoder")]
    found = []
    for where, table, names in tables:
        known = {*names.split(), *_COMMON_KEYS.split()}
        found += [f"{where}{key}" for key in sorted(table) if key not in known and table[key] not in _SAYS_NOTHING]
    return found


def released_name(name: str) -> str:
    """The released file's name of our parameter."""
    return "model.lm_head.out_proj.weight" if name == "head.weight" else f"model.model.{name}"


def released_codec(config: Mapping[str, Any]) -> NumberCodec:
    """Its IEEE-like codec: every digit legal everywhere, signed. Raises ConfigError."""
    kind = str(config.get("decoder_tokenizer", "IEEE"))
    if not kind.upper().startswith("IEEE"):
        raise ConfigError(f"decoder_tokenizer is {kind!r}; only IEEE is read here")
    if config.get("use_regression_head"):
        raise ConfigError("use_regression_head is set, and this network has no such head")
    if config.get("max_num_objs", 1) != 1:
        raise ConfigError(f"max_num_objs is {config['max_num_objs']!r}; only one value for each input is read here")
    try:
        codec = NumberCodec(
            base=_whole(config, "ieee_base", 10),
            exponent_digits=_whole(config, "ieee_exponent_digits"),
            mantissa_digits=_whole(config, "ieee_mantissa_digits"),
            signed=True,
            normalised=False,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from error
    stated = config.get("num_tokens_per_obj", codec.tokens_per_value)
    if stated != codec.tokens_per_value:
        raise ConfigError(f"num_tokens_per_obj is {stated!r}, but the digits make {codec.tokens_per_value}")
    return codec


def released_architecture(config: Mapping[str, Any]) -> Architecture:
    """From its ``backbone_config``, with T5Gemma's defaults for what is not written there. Raises ConfigError."""
    backbone = _table(config, "backbone_config")
    encoder, decoder = _table(backbone, "encoder"), _table(backbone, "decoder")
    softcap = decoder.get("final_logit_softcapping", 30.0)
    return Architecture(
        encoder=_stack(encoder, _whole(config, "encoder_vocab_size")),
        decoder=_stack(decoder, _whole(config, "decoder_vocab_size")),
        logit_softcap=None if softcap is None else _number({"final_logit_softcapping": softcap}, "final_logit_softcapping"),
    )


def _stack(stack: Mapping[str, Any], vocab_size: int) -> StackConfig:
    if stack.get("attention_bias") or stack.get("rope_scaling"):
        raise ConfigError("attention_bias and rope_scaling are not computed by this network")
    activation = stack.get("hidden_activation", "gelu_pytorch_tanh")
    if activation != "gelu_pytorch_tanh":
        raise ConfigError(f"hidden_activation is {activation!r}; only gelu_pytorch_tanh is computed by this network")
    layers = _whole(stack, "num_hidden_layers")
    types = stack.get("layer_types") or [("sliding_attention", "full_attention")[index % 2] for index in range(min(layers, 1000))]
    if not isinstance(types, list) or len(types) != layers or set(types) - {"sliding_attention", "full_attention"}:
        raise ConfigError(f"layer_types must name sliding_attention or full_attention for each of {layers} layers")
    softcap = stack.get("attn_logit_softcapping", 50.0)
    return StackConfig(
        vocab_size=vocab_size,
        layers=layers,
        hidden_size=_whole(stack, "hidden_size"),
        ffn_size=_whole(stack, "intermediate_size"),
        heads=_whole(stack, "num_attention_heads"),
        kv_heads=_whole(stack, "num_key_value_heads"),
        head_dim=_whole(stack, "head_dim"),
        query_scale=_number(stack, "query_pre_attn_scalar"),
        norm_eps=_number(stack, "rms_norm_eps", 1e-6),
        rope_theta=_rope_theta(stack),
        attention_softcap=None if softcap is None else _number({"attn_logit_softcapping": softcap}, "attn_logit_softcapping"),
        sliding_window=_whole(stack, "sliding_window", 4096),
        sliding_layers=tuple(index for index, kind in enumerate(types) if kind == "sliding_attention"),
    )


def _rope_theta(stack: Mapping[str, Any]) -> float:
    """Written by itself by transformers 4, inside of ``rope_parameters`` by 5."""
    parameters = stack.get("rope_parameters")
    if not parameters:
        return _number(stack, "rope_theta", 10_000.0)
    if not isinstance(parameters, dict) or parameters.get("rope_type", "default") != "default":
        raise ConfigError("rope_parameters must be of the type default")
    return _number(parameters, "rope_theta", 10_000.0)


def _table(config: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = config.get(key) if isinstance(config, Mapping) else None
    if not isinstance(table, Mapping):
        raise ConfigError(f"{key} is missing, or no object")
    return table


def _whole(config: Mapping[str, Any], key: str, default: int | None = None) -> int:
    value = config.get(key, default)
    if value is None and default is not None:
        value = default
    if type(value) is not int or not 0 < value < 1 << 31:
        raise ConfigError(f"{key} is missing" if value is None else f"{key} is {str(value)[:40]!r}, not a whole number above 0")
    return value


def _number(config: Mapping[str, Any], key: str, default: float | None = None) -> float:
    value = config.get(key, default)
    if type(value) not in (int, float) or not 0 < value < 1e12:
        raise ConfigError(f"{key} is missing" if value is None else f"{key} is {str(value)[:40]!r}, not a number above 0")
    return float(value)
