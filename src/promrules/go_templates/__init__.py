"""Go text/template as Prometheus uses it in alert labels and annotations."""

from promrules.go_templates.errors import TemplateError
from promrules.go_templates.expand import AlertTemplate
from promrules.go_templates.values import TemplateData

__all__ = ["AlertTemplate", "TemplateData", "TemplateError"]
