"""Go text/template as Prometheus uses it in alert labels and annotations."""

from burnproof.ruletest.gotemplate.errors import TemplateError
from burnproof.ruletest.gotemplate.expand import AlertTemplate
from burnproof.ruletest.gotemplate.values import TemplateData

__all__ = ["AlertTemplate", "TemplateData", "TemplateError"]
