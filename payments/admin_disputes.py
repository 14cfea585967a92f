"""Disputes in the admin: read, and answered in two steps. What goes to the bank is seen before it goes."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from marketplace.catalog.money import format_money
from marketplace.errors import AppError
from payments.admin_reading import ReadOnlyMixin
from payments.evidence.records import LONGEST_TEXT, write_statement
from payments.models import Dispute, Evidence
from payments.services import stage_evidence, submit_evidence

_TOLD = {
    Evidence.State.TO_STAGE: "Stripe does not answer right now. The evidence is kept, and goes to Stripe by itself.",
    Evidence.State.STAGED: "The evidence is at Stripe. The bank does not see it before you submit it.",
    Evidence.State.TO_SUBMIT: "Stripe does not answer right now. The evidence is submitted as soon as it does.",
    Evidence.State.SUBMITTED: "The evidence is submitted. The bank decides, which takes weeks.",
}


class StatementForm(forms.Form):
    statement = forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 14, "cols": 90}))


class SubmissionForm(forms.Form):
    """Names what was on the page: another administrator may prepare the evidence anew meanwhile."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class EvidenceInline(ReadOnlyMixin, admin.StackedInline):  # type: ignore[type-arg]  # no generic at run time
    model = Evidence
    shown = ("state", "error", "statement", "files", "requested_by", "staged_at", "submitted_at")


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    change_form_template = "admin/payments/dispute/change_form.html"
    list_display = ("created_at", "track", "price", "reason", "status", "evidence_due_by", "answer")
    list_filter = ("status", "reason")
    list_select_related = ("order__track", "evidence")
    search_fields = ("stripe_id", "order__id", "order__track__title", "order__company__name")
    inlines = (EvidenceInline,)

    @admin.display(ordering="order__track__title")
    def track(self, dispute: Dispute) -> str:
        return dispute.order.track.title

    @admin.display(ordering="amount")
    def price(self, dispute: Dispute) -> str:
        return format_money(dispute.amount, dispute.currency)

    @admin.display(empty_value="")
    def answer(self, dispute: Dispute) -> str | None:
        evidence = _evidence_on(dispute)
        return evidence.get_state_display() if evidence else None

    def get_urls(self) -> list[URLPattern]:
        stage, submit = map(self.admin_site.admin_view, (self.stage, self.submit))
        own = [
            path("<int:dispute_id>/stage/", stage, name="payments_dispute_stage"),
            path("<int:dispute_id>/submit/", submit, name="payments_dispute_submit"),
        ]
        return [*own, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        may = request.user.has_perm("payments.change_dispute")
        dispute = Dispute.objects.filter(pk=object_id).first() if may and object_id.isdecimal() else None
        steps = {"can_stage": _can_stage(dispute), "can_submit": _can_submit(dispute)} if dispute else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **steps})

    def stage(self, request: HttpRequest, dispute_id: int) -> HttpResponse:
        """A form with a draft from the records; then statement, records and papers go to Stripe."""
        dispute = self._require(request, dispute_id)
        evidence = _evidence_on(dispute)
        draft = evidence.statement if evidence else write_statement(dispute.order)
        form = StatementForm(request.POST or None, initial={"statement": draft})
        if request.method == "POST" and form.is_valid():
            try:
                evidence = stage_evidence(
                    dispute=dispute, statement=form.cleaned_data["statement"], actor=f"admin {request.user}"
                )
                return self._tell(request, dispute, evidence, log="The evidence was prepared.")
            except AppError as error:
                form.add_error(None, error.message)
        return self._show(request, dispute, "stage", form)

    def submit(self, request: HttpRequest, dispute_id: int) -> HttpResponse:
        """What is staged is shown once more, and goes to the bank."""
        dispute = self._require(request, dispute_id)
        evidence = _evidence_on(dispute)
        seen = {"revision": evidence.revision} if evidence else {}
        form = SubmissionForm(request.POST or None, initial=seen)
        if request.method == "POST" and form.is_valid():
            try:
                revision = form.cleaned_data["revision"]
                evidence = submit_evidence(dispute=dispute, actor=f"admin {request.user}", revision=revision)
                return self._tell(request, dispute, evidence, log="The evidence was submitted.")
            except AppError as error:
                form.add_error(None, error.message)
        return self._show(request, dispute, "submit", form)

    def _require(self, request: HttpRequest, dispute_id: int) -> Dispute:
        if not request.user.has_perm("payments.change_dispute"):
            raise PermissionDenied
        return get_object_or_404(Dispute.objects.select_related("order__track", "order__company"), pk=dispute_id)

    def _tell(self, request: HttpRequest, dispute: Dispute, evidence: Evidence, *, log: str) -> HttpResponse:
        self.log_change(request, dispute, log)
        if evidence.state == Evidence.State.REFUSED:
            messages.error(request, f"Stripe did not take the evidence: {evidence.error}")
        else:
            messages.success(request, _TOLD[Evidence.State(evidence.state)])
        return redirect("admin:payments_dispute_change", dispute.pk)

    def _show(self, request: HttpRequest, dispute: Dispute, step: str, form: forms.Form) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{'Prepare' if step == 'stage' else 'Submit'} the evidence: {dispute.order.track.title}",
            "dispute": dispute,
            "evidence": _evidence_on(dispute),
            "can_submit": _can_submit(dispute),
            "form": form,
        }
        return TemplateResponse(request, f"admin/payments/dispute/{step}.html", context)


def _evidence_on(dispute: Dispute) -> Evidence | None:
    return getattr(dispute, "evidence", None)


def _can_stage(dispute: Dispute) -> bool:
    evidence = _evidence_on(dispute)
    return dispute.is_answerable and not (evidence and evidence.is_final)


def _can_submit(dispute: Dispute) -> bool:
    evidence = _evidence_on(dispute)
    return dispute.is_answerable and evidence is not None and evidence.state == Evidence.State.STAGED
