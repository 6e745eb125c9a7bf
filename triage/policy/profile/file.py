"""A profile from its file: found by name, parsed, and where something is wrong, the line it stands in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from triage import reading as read
from triage.errors import ProfileError
from triage.policy.profile.profile import Profile


def load_profile(name_or_path: str | Path, folder: Path) -> Profile:
    """Reads a profile by its name (``default`` -> ``folder/default.yaml``) or from a path that ends in .yaml or .yml.

    Raises:
        ProfileError: there is no such profile, the file is no valid YAML, or its content is wrong; names the line.
    """
    import yaml

    path = _find(name_or_path, folder)
    try:
        loader = _strict_loader()(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        data = None if node is None else loader.construct_document(node)
    except OSError as error:
        raise ProfileError(f"读不到方案文件 {path}：{error.strerror}", field="profile") from None
    except UnicodeDecodeError:
        raise ProfileError(f"方案文件 {path} 不是 UTF-8 编码；请另存为 UTF-8", field="profile") from None
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        what = "，".join(part for part in (error.context, error.problem) if part)
        raise ProfileError(f"{_place(path, line)}不是合法的 YAML：{what}", field="profile", line=line) from None
    except yaml.YAMLError as error:  # a sign that no YAML file may hold
        what = " ".join(str(error).split())
        raise ProfileError(f"{_place(path, None)}不是合法的 YAML：{what}", field="profile") from None
    try:
        return replace(Profile.from_mapping(data), source=str(path))
    except ProfileError as error:
        line = line_of(node, error.field or "")
        raise ProfileError(f"{_place(path, line)}{error.message}", field=error.field, line=line) from None


def line_of(node: Any, path: str) -> int | None:
    """The line (1 the first) of what ``path`` leads to in a composed YAML document, or of the last part that is there.

    Args:
        path: as errors name it, ``rules[2].when.category``.
    """
    import yaml

    line: int | None = None
    while path and node is not None:
        rest, following = path, None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                # A key may hold dots itself; the longest that fits is the one.
                fits = isinstance(key, yaml.ScalarNode) and _starts(path, key.value)
                if fits and len(path) - len(key.value) < len(rest):
                    rest, following, line = path[len(key.value) :], value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and path.startswith("["):
            number, _, rest = path[1:].partition("]")
            if number.isdecimal() and int(number) < len(node.value):
                following = node.value[int(number)]
                line = following.start_mark.line + 1
        node, path = following, rest.removeprefix(".")
    return line


def _starts(path: str, key: str) -> bool:
    return path == key or path.startswith((f"{key}.", f"{key}["))


def _place(path: Path, line: int | None) -> str:
    return f"{path.name} 里 " if line is None else f"{path.name} 第 {line} 行 "


def _find(name_or_path: str | Path, folder: Path) -> Path:
    path = Path(name_or_path)
    if path.suffix.lower() in {".yaml", ".yml"}:
        return path
    names = sorted(p.stem for p in folder.glob("*.yaml"))
    if str(name_or_path) not in names:
        near = read.guess(name_or_path, names)
        raise ProfileError(
            f"没有名为 {name_or_path} 的方案；可用的是 {'、'.join(names) or '（无）'}{near}", field="profile"
        )
    return folder / f"{name_or_path}.yaml"


def _strict_loader() -> Any:
    """PyYAML's SafeLoader, but a key written twice in one mapping is an error instead of silently winning."""
    import yaml

    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: set[str] = set()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    continue
                if key.value in seen:
                    problem = f"键 {key.value} 写了两次"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
            return super().construct_mapping(node, deep)

        def construct_object(self, node: Any, deep: bool = False) -> Any:
            try:
                return super().construct_object(node, deep)
            except ValueError as error:  # a day that the calendar does not have
                raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None

    return Strict
