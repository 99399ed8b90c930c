"""No test waits for ever: whatever starts a program or joins a thread names how long it may take."""

from __future__ import annotations

import ast
from pathlib import Path

HERE = Path(__file__).parent
RUNS = {"run", "call", "check_call", "check_output"}


def _waits_for_ever(call):
    """Recognise `subprocess.run` and `communicate` without a timeout, and `wait()` and `join()` of nothing."""
    if not isinstance(call.func, ast.Attribute):
        return False
    named = {keyword.arg for keyword in call.keywords}
    of_subprocess = isinstance(call.func.value, ast.Name) and call.func.value.id == "subprocess"
    if (of_subprocess and call.func.attr in RUNS) or call.func.attr == "communicate":
        return not named & {"timeout", None}  # None: **options, which may hold one
    return call.func.attr in ("wait", "join") and not call.args and not call.keywords


def test_every_wait_has_a_deadline():
    found = [
        f"{path.relative_to(HERE)}:{node.lineno}: {ast.unparse(node)[:80]}"
        for path in sorted(HERE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _waits_for_ever(node) and path.parent.name != "bench"
    ]

    assert found == []


def test_a_wait_without_one_would_be_found():
    calls = [
        "subprocess.run(['x'])",
        "made.communicate()",
        "thread.join()",
        "subprocess.run(['x'], timeout=1)",
        "'a'.join(b)",
    ]

    assert [_waits_for_ever(ast.parse(call).body[0].value) for call in calls] == [True, True, True, False, False]
