"""Completion in a shell, for a short name that stands for ``python -m lomi``."""

from __future__ import annotations

import inspect
import re
import shlex
import sys
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import typer

from ._errors import Refusal

__all__ = ["complete", "completion"]

# {run} is the quoted path of the interpreter and "-m lomi", {name} the short name and {word} that as an identifier.
SCRIPTS: Final = {
    "bash": """\
{name}() {{ {run} "$@"; }}
_{word}() {{ local IFS=$'\\n'; COMPREPLY=($({name} complete -- "${{COMP_WORDS[@]:1:COMP_CWORD}}" 2>/dev/null)); }}
complete -o default -F _{word} {name}
""",
    "zsh": """\
{name}() {{ {run} "$@" }}
_{word}() {{
  local -a found=("${{(@f)$({name} complete -- "${{(@)words[2,CURRENT]}}" 2>/dev/null)}}")
  if [[ -n $found ]]; then compadd -a found; else _files; fi
}}
compdef _{word} {name}
""",
    "fish": """\
function {name}; {run} $argv; end
complete -c {name} -a '({name} complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
""",
}


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="Which shell.")],
    name: Annotated[str, typer.Option(help="The short name; lomi itself is the vendor's own tool.")] = "lomi-py",
) -> None:
    """Print what gives a shell a short name with completion: eval "$(python -m lomi completion bash)"."""
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_-]*", name):
        raise Refusal("--name is no name that a shell takes", "letters, digits, - and _")
    run = f"{shlex.quote(sys.executable)} -m lomi"
    print(SCRIPTS[shell].format(name=name, word=name.replace("-", "_"), run=run), end="")


def complete(
    context: typer.Context, words: Annotated[list[str] | None, typer.Argument(help="What is typed so far.")] = None
) -> None:
    """Print what the last word can become, one a line."""
    *before, last = words or [""]
    root: Any = context.find_root().command
    for found in _candidates(root, before, last):
        print(found)


def _candidates(command: Any, before: list[str], last: str) -> Iterator[str]:
    """Give the commands, options or values that begin like the last word."""
    option: Any = None
    for word in before:
        option = next((each for each in command.params if word in each.opts), None)
        command = getattr(command, "commands", {}).get(word, command)
    commands = [name for name, each in getattr(command, "commands", {}).items() if not each.hidden]
    options = [name for each in command.params for name in (*each.opts, *each.secondary_opts) if name.startswith("--")]
    values = _values(command, option.name) if option is not None else []
    wanted = values or (["--help", *options] if last.startswith("-") else commands)
    return (each for each in wanted if each.startswith(last))


def _values(command: Any, parameter: str) -> list[str]:
    """Return the words that an option takes; none where any will do."""
    hint = get_type_hints(inspect.unwrap(command.callback))[parameter]
    return [str(word) for each in (hint, *get_args(hint)) if get_origin(each) is Literal for word in get_args(each)]
