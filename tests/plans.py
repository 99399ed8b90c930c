"""Small plans made by hand, for tests of what comes after planning."""

from __future__ import annotations

from burnproof.output.plan import Plan
from burnproof.proofs.types import AlertCheck, ExpectedAlert, ExprCheck, InputSeries, Proof, ProofFile
from burnproof.rules.types import AlertingRule, RecordingRule, RuleFile, RuleGroup


def identity(slo_id="api-availability", service="api", slo="availability"):
    return (("slo", slo), ("slo_id", slo_id), ("slo_service", service))


def record(name="slo:sli_error:ratio_rate1h", expr='sum(rate(errors_total{job="api"}[1h]))', labels=None):
    return RecordingRule(name, expr, identity() if labels is None else labels)


def alert(expr='slo:sli_error:ratio_rate1h{slo_id="api-availability"} > 0.0144', name="ApiBurn", **fields):
    fields = {
        "labels": (("severity", "page"),),
        "annotations": (("description", "{{ $value | humanizePercentage }} of {{ $labels.slo }} fail"),),
        **fields,
    }
    return AlertingRule(name, expr, **fields)


def plan(*rules, proofs=(), service="api", groups=None):
    if groups is None:
        groups = (RuleGroup("slo-records-api", rules or (record(), alert())),)
    return Plan((RuleFile(service, groups),), proofs)


def proof_file(**fields):
    proof = Proof(
        "fires in a full outage",
        "1m",
        (InputSeries('errors_total{job="api"}', "0+60x120"),),
        (AlertCheck("1h", "ApiBurn", (ExpectedAlert((("severity", "page"),), (("description", "100% fail"),)),)),),
        (ExprCheck("5m", 'slo:sli_error:ratio_rate1h{slo_id="api-availability"} or vector(0)', (("{}", "1e-05"),)),),
    )
    return ProofFile(
        **{
            "name": "api",
            "service": "api",
            "evaluation_interval": "1m",
            "group_eval_order": (),
            "proofs": (proof,),
            **fields,
        }
    )
