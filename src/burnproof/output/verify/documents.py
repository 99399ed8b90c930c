"""Read strict YAML: one document, no duplicate keys, nothing but plain mappings and lists."""

from __future__ import annotations

from typing import Any

import yaml

from burnproof.output.verify.fast_yaml import read_blocks


class NotADocumentError(ValueError):
    """A text that is not one YAML document; the message says where and why."""


class _Strict(yaml.CSafeLoader):
    """libyaml's safe loader, with duplicate keys refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Give the mapping of a node, each of whose keys stands there once."""
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            seen: set[Any] = set()
            for key, _ in node.value:
                name = getattr(key, "value", None)
                if name in seen:
                    raise NotADocumentError(f"line {key.start_mark.line + 1}: the key {name!r} is there twice")
                seen.add(name)
        return mapping


def read(text: str) -> Any:
    """Parse ``text``.

    Raises:
        NotADocumentError: it is not YAML, not one document, or repeats a key.
    """
    plain = read_blocks(text)
    if plain is not None:
        return plain
    try:
        return yaml.load(text, Loader=_Strict)  # noqa: S506 - _Strict is a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise NotADocumentError(f"{line}{said or 'not YAML'}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, NotADocumentError):
            raise
        raise NotADocumentError(str(error) or type(error).__name__) from error
